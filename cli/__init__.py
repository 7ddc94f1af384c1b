"""Floor 4: the `schoolhouse` command."""
