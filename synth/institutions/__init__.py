"""What the county's bureau keeps beside its schools' forms: rooms, projects, surveys, registers, payments."""

from __future__ import annotations

from pathlib import Path

import pandas as pd

from synth.county import County


def write(county: County, out_dir: Path) -> None:
    """Writes the files of the county's institutions into its folder `out_dir`."""


def tell(county: County) -> pd.DataFrame:
    """The right answers that these files allow, columns as `synth.truth.COLUMNS`."""
    return pd.DataFrame()
