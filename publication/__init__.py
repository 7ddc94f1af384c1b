"""Floor 3: editions, immutable and signed."""
