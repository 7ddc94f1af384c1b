"""Floor 3: editions, immutable and signed."""

from publication.edition import EditionResult, publish
from publication.verify import Problem, VerifyResult, verify

__all__ = ["EditionResult", "Problem", "VerifyResult", "publish", "verify"]
