"""Floor 2: the checks, the gate and its verdicts."""
