"""Which school years a county holds: the last ones up to the one asked for."""

from __future__ import annotations

import csv
from pathlib import Path

import pytest

from synth import generate


def test_a_county_reaches_the_year_asked_for(tmp_path: Path) -> None:
    """A plan that is due at the end of 2025 is judged by the school year that begins in 2025."""
    summary = generate(tmp_path, schools=4, years=1, last_year=2025)
    assert summary.school_years == ["2025-2026"]
    home = tmp_path / summary.regions[0]
    assert (home / "2025-2026").is_dir() and not (home / "2026-2027").exists()
    with (tmp_path / "truth.csv").open(encoding="utf-8") as f:
        periods = {row["period_id"] for row in csv.DictReader(f)}
    assert "2025-2026" in periods and "2026-2027" not in periods


def test_years_out_of_range_are_told(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="last_year must lie between"):
        generate(tmp_path, last_year=1999)
