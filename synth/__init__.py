"""The synthetic county: deterministic files of a county that does not exist, and the right answers to them."""

from synth.generate import Summary, generate

__all__ = ["Summary", "generate"]
