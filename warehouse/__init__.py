"""Floor 1: settings, ledger, engines, build, serving and explain. Imports nothing of the floors above."""
