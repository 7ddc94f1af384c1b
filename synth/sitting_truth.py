"""Sums, means and rates of the examinations beside the monitoring, and how many tests were planned."""

from __future__ import annotations

from fractions import Fraction

import pandas as pd

from synth.county import County
from synth.exams import CUT_SHARES, EXTRA_PLANNED, SCORED
from synth.schools import PRIMARY
from synth.sittings import KINDS

_RATES = {"exm_excellent_rate": "excellent", "exm_pass_rate": "pass", "exm_low_score_rate": "low"}


def sitting_rows(county: County) -> pd.DataFrame:
    """Sums, means and rates of each sitting by subject: the columns of the other exam rows, `group_code` its name."""
    s = county.sittings
    kinds = {k.type: k for k in KINDS}
    rows = []
    for (year, kind, subject), part in s.groupby(["year", "type", "subject"], sort=True):
        scored = part.loc[part["status"] == SCORED]
        half, full, n = scored["half"], int(part["full"].iloc[0]), len(scored)
        total = int(half.sum())
        values: dict[str, str] = {
            "exam_roll_count": str(len(part)), "exam_scored_count": str(n), "exam_absent_count": str(len(part) - n),
            "exam_score_sum": str(total // 2) if total % 2 == 0 else f"{total // 2}.5",
            "exm_mean_score": repr(float(Fraction(total, 2 * n))),
        }  # fmt: skip
        for indicator, cut in _RATES.items():
            over = 50 * half < CUT_SHARES[cut] * full if cut == "low" else 50 * half >= CUT_SHARES[cut] * full
            values[indicator] = repr(float(Fraction(100 * int(over.sum()), n)))
        base = {
            "period_id": f"{year}-{int(year) + 1}", "entity_type": "county", "stage": part["stage"].iloc[0],
            "grade": int(part["grade"].iloc[0]), "subject": subject, "group_code": kinds[kind].name(int(year)),
        }  # fmt: skip
        rows += [{**base, "measure": m, "value": v} for m, v in values.items()]
    return pd.DataFrame(rows)


def planned(year: int, stage: str, held: int) -> int:
    """Tests that the approved plan of a school year had for a stage, of which `held` were held."""
    return held + sum(1 for grade, _ in EXTRA_PLANNED.get(year, ()) if (grade <= 6) == (stage == PRIMARY))
