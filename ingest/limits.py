"""What one file may cost before it is refused: defaults in `limits.yaml`, overridden by the environment."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass, fields
from functools import cache
from pathlib import Path

import yaml

from warehouse.errors import SchoolhouseError

PREFIX = "SCHOOLHOUSE_READ_"


@dataclass(frozen=True)
class Limits:
    """Bounds of one file: MB are 2**20 bytes, seconds are both of the clock and of the processor."""

    workers: int
    file_mb: int
    unpacked_mb: int
    unpacked_ratio: int
    parts: int
    cells: int
    columns: int
    cell_chars: int
    sheets: int
    memory_mb: int
    memory_base_mb: int
    memory_per_mb: int
    seconds: int
    seconds_per_mb: int

    @classmethod
    def load(cls, env: Mapping[str, str] | None = None) -> Limits:
        """Raises SchoolhouseError for a variable that is no positive whole number."""
        env = os.environ if env is None else env
        values = dict(_defaults())
        for f in fields(cls):
            given = env.get(f"{PREFIX}{f.name.upper()}")
            if not given:
                continue
            if not given.isdecimal() or not int(given):
                raise SchoolhouseError(
                    f"{PREFIX}{f.name.upper()} must be a positive whole number",
                    f"{PREFIX}{f.name.upper()} 必须是正整数",
                    where=given,
                    fix_en="correct the variable or remove it",
                    fix_zh="请更正或去掉这个变量",
                )
            values[f.name] = int(given)
        return cls(**values)

    def memory_for(self, size: int) -> int:
        """MB of address space that a file of `size` bytes may take."""
        return min(self.memory_mb, self.memory_base_mb + self.memory_per_mb * (size >> 20))

    def time_for(self, size: int) -> int:
        """Seconds that a file of `size` bytes may take."""
        return self.seconds + self.seconds_per_mb * (size >> 20)


@cache
def _defaults() -> Mapping[str, int]:
    return yaml.safe_load(Path(__file__).with_name("limits.yaml").read_text(encoding="utf-8"))
