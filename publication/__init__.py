"""Floor 3: editions, immutable and signed."""

from publication.difference import Difference, difference
from publication.edition import EditionResult, publish, withdraw
from publication.verify import Problem, VerifyResult, verify

__all__ = [
    "Difference",
    "EditionResult",
    "Problem",
    "VerifyResult",
    "difference",
    "publish",
    "verify",
    "withdraw",
]
