"""The rule of the seven resource items, computed with pandas on figures of schools, sharing no SQL with the models."""

# pyright: reportAttributeAccessIssue=false, reportArgumentType=false, reportReturnType=false

from __future__ import annotations

import numpy as np
import pandas as pd


def judge_items(sections: pd.DataFrame) -> pd.DataFrame:
    """Judge each item of each section: adds value, meets (None where undecided) and attainment.

    `sections` has school_code, stage, item_code, amount, student_count, scale (100 or 1) and threshold; one row a
    section and item. A missing amount, no pupils or no threshold leaves the item undecided, never zero.
    """
    pupils = sections["student_count"].astype(float)
    value = sections["amount"].astype(float) * sections["scale"].astype(float) / pupils.where(pupils > 0)
    threshold = sections["threshold"].astype(float)
    known = value.notna() & threshold.notna()
    meets = (value >= threshold).astype(object).where(known, None)
    return sections.assign(value=value, meets=meets, attainment=value / threshold)


def judge_sections(items: pd.DataFrame, required: int, floor: float, item_count: int) -> pd.DataFrame:
    """One row a section: items_met, lowest attainment, verdict (met, missed, undecided).

    `required` items must meet and every other must reach `floor` of its threshold. A section with fewer than
    `item_count` known items is undecided.
    """
    frame = items.assign(known=items["meets"].notna(), met=items["meets"].map({True: 1, False: 0}))
    found = frame.groupby(["school_code", "stage"], as_index=False).agg(
        n_known=("known", "sum"), items_met=("met", "sum"), lowest=("attainment", "min")
    )
    holds = (found["items_met"] >= required) & (found["lowest"] >= floor)
    verdict = np.where(found["n_known"] < item_count, "undecided", np.where(holds, "met", "missed"))
    return found.assign(verdict=verdict)
