"""Why a file is not opened, as data: a code and its figures, spoken in two languages by `refusals.yaml`."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import Any

import yaml

from warehouse.errors import SchoolhouseError


class Refusal(SchoolhouseError):
    """A file that is not opened. `code` is its rule, `values` the figures in its sentence: never a cell's text."""

    def __init__(self, code: str, **values: Any) -> None:
        texts = {k: str(v).format(**values) for k, v in _texts()["refusals"][code].items()}
        super().__init__(texts["en"], texts["zh"], fix_en=texts["fix_en"], fix_zh=texts["fix_zh"])
        self.code, self.values = code, values


def note_text(code: str, **values: Any) -> tuple[str, str]:
    """A remark on a file that was opened: (zh, en)."""
    texts = _texts()["notes"][code]
    return texts["zh"].format(**values), texts["en"].format(**values)


@cache
def _texts() -> dict[str, Any]:
    return yaml.safe_load(Path(__file__).with_name("refusals.yaml").read_text(encoding="utf-8"))
