"""Floor 2: the quality gate. Checks are files, Great Expectations decides, the ledger remembers."""

from expectations.gate import Finding, GateResult, run_gate

__all__ = ["Finding", "GateResult", "run_gate"]
