"""The examinations beside the county's monitoring: the end of primary school, 中考, the vocational and the university
entrance examinations."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
import pandas as pd

from synth.exams import ABSENT, SCORED
from synth.people import Pupils
from synth.schools import JUNIOR, PRIMARY, SENIOR, VOCATIONAL

TOTAL = "总分"
PRIMARY_END, ZHONGKAO, VOCATIONAL_ENTRANCE = "小学毕业考试", "中考", "三校生高考"
_ABSENT = 0.008
_LEVEL_WEIGHT = 1.0
FIRST_LINE, UNDERGRADUATE_LINE = 0.62, -0.18  # latent marks of the two lines of the 高考, moved a little every year
GAOKAO_FULL, _GAOKAO_MEAN, _GAOKAO_WIDTH = 750, 445, 78


@dataclass(frozen=True)
class Kind:
    """One kind of examination: full marks by subject, the mean share of them and its spread; `month`, `day` of the
    calendar year after the school year began; a `total` is a subject of its own."""

    type: str
    purpose: str
    level: str
    stage: str
    grade: int
    month: int
    day: int
    full: dict[str, int]
    mean: float
    width: float
    total: bool = False
    share: float = 1.0
    only_total: bool = False
    wide: bool = field(default=False)

    def name(self, year: int) -> str:
        """The printed name of the examination of a school year."""
        return f"{year + 1}年{_NAMES[self.type]}"

    def date(self, year: int) -> str:
        return f"{year + 1}-{self.month:02d}-{self.day:02d}"

    def subjects(self) -> dict[str, int]:
        """Full marks of what is stored, the total included."""
        whole = {TOTAL: sum(self.full.values())} if self.total else {}
        return whole if self.only_total else {**self.full, **whole}


_NAMES = {PRIMARY_END: "小学毕业考试", ZHONGKAO: "初中学业水平考试(中考)", VOCATIONAL_ENTRANCE: "三校生高考"}
_PRIMARY_MARKS = {"语文": 100, "数学": 100, "英语": 100}
_JUNIOR_MARKS = {"语文": 120, "数学": 120, "英语": 120, "物理": 100, "化学": 100, "道德与法治": 100, "历史": 100}
_TRADE_MARKS = {"语文": 150, "数学": 150, "英语": 150, "专业": 300}
KINDS = (
    Kind(PRIMARY_END, "毕业考试", "县", PRIMARY, 6, 6, 27, _PRIMARY_MARKS, 0.75, 0.14, total=True),
    Kind(ZHONGKAO, "升学", "市", JUNIOR, 9, 6, 20, _JUNIOR_MARKS, 0.64, 0.16, wide=True),
    Kind(
        VOCATIONAL_ENTRANCE, "升学", "省", VOCATIONAL, 12, 4, 13, _TRADE_MARKS, 0.52, 0.11,
        total=True, only_total=True, share=0.86,
    ),
)  # fmt: skip


def sit_others(pupils: Pupils, schools: pd.DataFrame, years: list[int], rng: np.random.Generator) -> pd.DataFrame:
    """Marks of every sitting, long: year, type, pupil, school, stage, grade, class_no, subject, full, half (half
    points, -1 without a mark) and status."""
    frames = []
    level = schools["level"].to_numpy()
    persons = pupils.persons
    for year in years:
        for kind in KINDS:
            roll = pupils.years
            roll = roll.loc[(roll["year"] == year) & (roll["grade"] == kind.grade) & (roll["exam_school"] >= 0)]
            roll = roll.loc[(roll["stage"] == kind.stage) & (rng.random(len(roll)) < kind.share)]
            n, count = len(roll), len(kind.full)
            ability = persons["ability"].to_numpy()[roll["pupil"]]
            at = level[roll["exam_school"]]
            noise = rng.normal(0, 1, (n, count))
            latent = 0.82 * ability[:, None] + 0.5 * noise + _LEVEL_WEIGHT * at[:, None] + rng.normal(0, 0.05, count)
            full = np.array(list(kind.full.values()))
            half = np.rint(np.clip(kind.mean + kind.width * latent, 0, 1) * full * 2).astype(int)
            absent = rng.random(n) < _ABSENT
            sheets = {} if kind.only_total else {s: half[:, k] for k, s in enumerate(kind.full)}
            if kind.total:
                sheets[TOTAL] = half.sum(axis=1)
            base = roll[["year", "pupil", "stage", "grade", "class_no"]].assign(
                type=kind.type, school=roll["exam_school"]
            )
            for subject, marks in sheets.items():
                frames.append(
                    base.assign(
                        subject=subject, full=kind.subjects()[subject], half=np.where(absent, -1, marks),
                        status=np.where(absent, ABSENT, SCORED),
                    )
                )  # fmt: skip
    table = pd.concat(frames, ignore_index=True)
    # A pupil who came in spring may sit in a class that his new school does not have.
    most = pupils.years.groupby(["year", "school", "grade"])["class_no"].max()
    at = pd.MultiIndex.from_frame(table[["year", "school", "grade"]])
    table["class_no"] = np.minimum(table["class_no"], most.reindex(at).fillna(1).to_numpy()).astype(int)
    return table.sort_values(["type", "year", "school", "grade", "class_no", "pupil"], kind="stable", ignore_index=True)


def enter_university(pupils: Pupils, years: list[int], rng: np.random.Generator) -> pd.DataFrame:
    """Results of the university entrance examination by calendar year: year, pupil, school, group, total (whole
    points), first, undergraduate (booleans). The first year's candidates are those of the last year of history."""
    past = pupils.history.loc[(pupils.history["year"] == years[0] - 1) & (pupils.history["stage"] == SENIOR)]
    gone = pupils.events.loc[
        (pupils.events["year"] == years[0] - 1) & pupils.events["kind"].isin(["转出", "休学", "死亡"])
    ]
    past = past.loc[(past["grade"] == 12) & ~past["pupil"].isin(gone["pupil"]), ["year", "pupil", "school"]]
    now = pupils.years
    now = now.loc[
        (now["stage"] == SENIOR) & (now["grade"] == 12) & (now["exam_school"] >= 0) & (now["year"] < years[-1])
    ]
    roll = pd.concat([past, now[["year", "pupil", "school"]]], ignore_index=True)
    roll["year"] += 1
    step = roll["year"] - years[0]
    latent = 0.85 * pupils.persons["ability"].to_numpy()[roll["pupil"]] - 0.45 + 0.45 * rng.normal(0, 1, len(roll))
    total = np.rint(np.clip(_GAOKAO_MEAN + _GAOKAO_WIDTH * latent, 90, 710)).astype(int)
    lines = {
        line: np.rint(_GAOKAO_MEAN + _GAOKAO_WIDTH * (line - 0.03 * step)) for line in (FIRST_LINE, UNDERGRADUATE_LINE)
    }
    return roll.assign(
        group=np.where(rng.random(len(roll)) < 0.58, "物理类", "历史类"), total=total,
        first=total >= lines[FIRST_LINE], undergraduate=total >= lines[UNDERGRADUATE_LINE],
    )  # fmt: skip
