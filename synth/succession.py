"""How today's schools came to be: renamed, merged, split, closed, reopened, given a new code with a new type.

All changes lie in the years of history. What a pupil's school reported itself as in an earlier year follows from
them, so that a cohort can be followed through.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from synth.identifiers import school_code
from synth.schools import JUNIOR, PRIMARY

RENAMED, MERGED, SPLIT, CLOSED, REOPENED, RETYPED = "更名", "合并", "拆分", "撤销", "复办", "类型变更"
_SCHOOLS_NEEDED = 12
_OLD_SCHOOL = 900  # sequence numbers above those of any school of today
EVENT_COLUMNS = [
    "event_type", "year", "predecessor_code", "predecessor_name", "successor_code", "successor_name", "share",
]  # fmt: skip


@dataclass(frozen=True)
class Past:
    """`entities`: school, code, name, type_code, urban_rural, is_private; the first are today's schools under their own
    number. `events`: columns as EVENT_COLUMNS, `year` in which the change holds on 1 September."""

    entities: pd.DataFrame
    events: pd.DataFrame
    _rules: list[tuple[int, int, str, float, float, int]]

    def entity_at(self, year: np.ndarray, school: np.ndarray, stage: np.ndarray, draw: np.ndarray) -> np.ndarray:
        """Entity under which a pupil (with its `draw`, 0..1) of a school of today stood in a year."""
        entity = school.copy()
        for before, member, of_stage, low, high, former in self._rules:
            stood = (year < before) & (school == member) & (draw >= low) & (draw < high)
            entity[stood & ((stage == of_stage) if of_stage else True)] = former
        return entity


def look_back(schools: pd.DataFrame, county: int, first_year: int, shares: dict[int, float]) -> Past:
    """The past of a county whose full years begin in `first_year`. `shares` is, by school, its part of the pupils of a
    split; smaller counties have no past."""
    entities = schools[["school", "code", "name", "type_code", "urban_rural", "is_private"]].copy()
    rules: list[tuple[int, int, str, float, float, int]] = []
    events: list[tuple[object, ...]] = []
    if (schools["code"].str[:2].isin(["21", "31"])).sum() < _SCHOOLS_NEEDED:
        return Past(entities, pd.DataFrame(events, columns=EVENT_COLUMNS), rules)
    extra: list[dict[str, object]] = []

    def former(name: str, prefix: str, type_code: str, like: int, code: str = "") -> int:
        number = len(entities) + len(extra)
        own = code or school_code(prefix, county, _OLD_SCHOOL + len(extra))
        base = schools.loc[like]
        extra.append({"school": number, "code": own, "name": name, "type_code": type_code,
                      "urban_rural": base["urban_rural"], "is_private": False})  # fmt: skip
        return number

    def change(kind: str, year: int, old: int, new: int, share: float = 1.0) -> None:
        was = extra[old - len(entities)]
        now = schools.loc[new]
        events.append((kind, year, was["code"], was["name"], now["code"], now["name"], share))

    town, point, rural_junior, town_junior, central, nine, village, reopened = 3, 4, 6, 9, 1, 5, 8, 11
    old = former("老街完全小学", "21", "211", town, code=str(schools.at[town, "code"]))
    rules.append((first_year - 1, town, "", 0, 1, old))
    change(RENAMED, first_year - 1, old, town)
    for low, name in ((0.0, "上寨教学点"), (0.55, "下寨教学点")):
        old = former(name, "21", "218", point)
        rules.append((first_year - 1, point, "", low, 0.55 if not low else 1.0, old))
        change(MERGED, first_year - 1, old, point)
    old = former("河口初级中学", "31", "311", rural_junior)
    for new in (rural_junior, town_junior):
        rules.append((first_year - 2, new, "", 0, 1, old))
        change(SPLIT, first_year - 2, old, new, shares[new])
    old = former("坡脚小学", "21", "211", central)
    rules.append((first_year - 4, central, "", 0.0, 0.3, old))
    change(CLOSED, first_year - 4, old, central)
    for stage, name, prefix, code in ((PRIMARY, "溪畔小学", "21", "211"), (JUNIOR, "溪畔初级中学", "31", "311")):
        old = former(name, prefix, code, nine)
        rules.append((first_year - 3, nine, stage, 0, 1, old))
        change(RETYPED if stage == PRIMARY else MERGED, first_year - 3, old, nine)
    # The reopened school's children went to the village school while it was shut.
    old = former("岩脚小学", "21", "211", reopened)
    rules.append((first_year - 5, reopened, "", 0, 1, village))
    change(REOPENED, first_year - 5, old, reopened)
    whole = pd.concat([entities, pd.DataFrame(extra)], ignore_index=True)
    return Past(whole, pd.DataFrame(events, columns=EVENT_COLUMNS), rules)
