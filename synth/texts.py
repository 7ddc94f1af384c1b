"""How figures are printed in the forms."""

from __future__ import annotations

import numpy as np
import pandas as pd


def half_points(half: np.ndarray) -> list[float | int]:
    """Scores in half points as the numbers a sheet shows: 171 -> 85.5, 170 -> 85."""
    return [h // 2 if h % 2 == 0 else h / 2 for h in half.tolist()]


def hundredths(value: pd.Series) -> pd.Series:
    """Whole hundredths as exact decimal text: 4550 -> 45.5, 4500 -> 45."""
    whole, part = value // 100, value % 100
    text = whole.astype(str) + "." + part.astype(str).str.zfill(2)
    return text.str.rstrip("0").str.rstrip(".")
