"""Floor 2: from the bytes a school sent to typed raw rows, each with its cell of origin."""
