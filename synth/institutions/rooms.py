"""Special rooms of the schools and how much they are used."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd

from synth.institutions import forms
from synth.institutions.answers import Answers
from synth.institutions.base import (
    COMPULSORY,
    JUNIOR,
    PRIMARY,
    SENIOR,
    STAGE_ZH,
    Base,
    adopt,
    school_year,
    scope,
)

MUSIC, ART, ADVICE = "音乐", "美术", "心理辅导"
_STAGES = (PRIMARY, JUNIOR, SENIOR)
CLASSES_A_ROOM = 12
# Usable area in m2: mean in town and in the country, spread.
_SIZES = {
    MUSIC: (101, 92, 8), ART: (97, 88, 8), "信息": (96, 80, 9), ADVICE: (42, 24, 6), "图书阅览": (150, 75, 22),
    "科学": (88, 74, 8), "实验": (98, 90, 9), "体育": (620, 480, 90),
}  # fmt: skip
_RENOVATED_UNDER = {MUSIC: 96, ART: 90}
# Periods of a term that a room can be taken for, and the share taken in town and in the country at the start.
_USE = {
    MUSIC: (400, 0.66, 0.47), ART: (400, 0.61, 0.43), "信息": (420, 0.72, 0.55), ADVICE: (300, 0.34, 0.21),
    "图书阅览": (360, 0.58, 0.44), "科学": (380, 0.54, 0.39), "实验": (380, 0.57, 0.42), "体育": (500, 0.78, 0.66),
}  # fmt: skip


def found(base: Base) -> pd.DataFrame:
    """Rooms of each school year: year, school, stage, code, name, area, room_no, room_type, cm2 (0.01 m2), is_digital,
    step. A room stays where it is; counselling rooms come year by year, the smallest music and art rooms are
    made larger."""
    rng = base.stream("rooms")
    first = base.of(_STAGES).sort_values(["school", "stage", "year"], kind="stable")
    first = first.drop_duplicates(["school", "stage"]).reset_index(drop=True)
    n, classes = len(first), first["classes"].to_numpy()
    due = -(-classes // CLASSES_A_ROOM)
    spare = rng.choice([-1, 0, 0, 1], (2, n), p=[0.25, 0.3, 0.3, 0.15])
    primary = (first["stage"] == PRIMARY).to_numpy()
    counts = {
        MUSIC: np.maximum(0, due + spare[0]),
        ART: np.maximum(0, due + spare[1]),
        "信息": 1 + classes // 24,
        ADVICE: np.ones(n, dtype=int),
        "图书阅览": np.ones(n, dtype=int),
        "科学": np.where(primary, due, 0),
        "实验": np.where(primary, 0, due + 1),
        "体育": (first["pupils"] > 600).to_numpy().astype(int),
    }
    parts = []
    for kind, count in counts.items():
        rooms = first.loc[np.repeat(np.arange(n), count), ["school", "stage", "is_urban"]].assign(room_type=kind)
        parts.append(rooms)
    rooms = pd.concat(parts, ignore_index=True).sort_values(["school", "stage"], kind="stable", ignore_index=True)
    # The whole of the section's rooms, numbered through; a stage has a building of its own.
    number = rooms.groupby(["school", "stage"]).cumcount() + 1
    building = rooms["stage"].map({PRIMARY: "A", JUNIOR: "B", SENIOR: "C"})
    rooms["room_no"] = building + "-" + (100 + number).astype(str)
    town, country, width = (rooms["room_type"].map({k: v[i] for k, v in _SIZES.items()}) for i in range(3))
    mean = np.where(rooms["is_urban"], town, country)
    rooms["cm2"] = np.rint(np.maximum(mean * 0.7, rng.normal(mean, width)) * 2).astype(int) * 50
    rooms["is_digital"] = rng.random(len(rooms)) < np.where(rooms["is_urban"], 0.5, 0.3)
    steps = len(base.years)
    # What the plans ask for is built year by year; the other rooms were there before.
    advice, arts = (rooms["room_type"] == ADVICE).to_numpy(), rooms["room_type"].isin([MUSIC, ART]).to_numpy()
    share = np.where(advice, np.where(rooms["is_urban"], 0.7, 0.4), 0.76)
    since = adopt(rng, len(rooms), share, 0.12, steps)
    rooms["since"] = np.where(advice | arts, since, 0)
    small = rooms["cm2"] < rooms["room_type"].map(_RENOVATED_UNDER).fillna(0) * 100
    # The smallest are made larger first, a few are not reached within the years.
    turn = rooms["cm2"].where(small).rank(pct=True) * (1.3 * steps)
    rooms["renewed"] = np.where(small, np.ceil(turn.fillna(0)), 99).astype(int)
    rooms["larger"] = (rooms["room_type"].map(_RENOVATED_UNDER).fillna(0) * 100).astype(int) + rng.integers(
        0, 9, len(rooms)
    ) * 50
    keys = ["year", "school", "stage"]
    table = base.of(_STAGES)[[*keys, "code", "name", "area", "step"]].merge(rooms, on=["school", "stage"])
    table = table.loc[table["since"] <= table["step"]]
    table["cm2"] = np.where(table["step"] >= table["renewed"], table["larger"], table["cm2"])
    table = table.drop(columns=["since", "renewed", "larger"])
    return table.sort_values([*keys, "room_no"], ignore_index=True)


def use(base: Base, rooms: pd.DataFrame) -> pd.DataFrame:
    """How the rooms were used: a row a room and term, as `rooms` with term (上, 下), available, used (periods)."""
    parts = []
    for year, part in rooms.groupby("year", sort=True):
        rng = base.stream("room use", int(year))  # type: ignore[call-overload]
        for term, weeks in (("上", 1.0), ("下", 0.95)):
            slots, town, country = (part["room_type"].map({k: v[i] for k, v in _USE.items()}) for i in range(3))
            share = np.where(part["is_urban"], town, country) + 0.025 * part["step"] + rng.normal(0, 0.06, len(part))
            available = np.rint(slots * weeks).astype(int)
            used = np.rint(available * np.clip(share, 0.03, 0.97)).astype(int)
            parts.append(part.assign(term=term, available=available, used=used))
    return pd.concat(parts, ignore_index=True).sort_values(
        ["year", "school", "stage", "room_no", "term"], ignore_index=True
    )


def write(base: Base, home: Path) -> None:
    """专用教室登记表 as a text table, 功能室使用登记表 with its terms in full, a file a school year each."""
    rooms = found(base)
    used = use(base, rooms)
    for year in base.years:
        folder = home / school_year(year)
        r = rooms.loc[rooms["year"] == year]
        table = pd.DataFrame(
            {
                "学年": school_year(year), "学校标识码": r["code"], "学校名称": r["name"],
                "学段": r["stage"].map(STAGE_ZH), "房间编号": r["room_no"],
                "功能室类型": r["room_type"], "使用面积(平方米)": r["cm2"] / 100,
                "是否数字化": forms.yes_no(r["is_digital"]),
            }
        )  # fmt: skip
        forms.write_table(folder / "专用教室登记表.csv", table)
        u = used.loc[used["year"] == year]
        log = pd.DataFrame(
            {
                "学校(机构)标识码": u["code"], "学段": u["stage"].map(STAGE_ZH), "房间编号": u["room_no"],
                "专用教室类型": u["room_type"], "学期": u["term"].map({"上": "第一学期", "下": "第二学期"}),
                "学期可排节次": u["available"], "使用节次": u["used"],
            }
        )  # fmt: skip
        forms.write_gb(folder / "功能室使用登记表.csv", log)


def tell(base: Base, answers: Answers) -> None:
    """Music and art rooms for every twelve classes, the smallest of each, counselling rooms, and use."""
    rooms = found(base)
    used = use(base, rooms)
    both, three = scope(COMPULSORY), scope(_STAGES)
    for year in base.years:
        period = school_year(year)
        sections = base.of(COMPULSORY)
        due = int((-(-sections.loc[sections["year"] == year, "classes"] // CLASSES_A_ROOM)).sum())
        answers.tell("room_entitlement_12class", period, both, due)
        now = rooms.loc[rooms["year"] == year]
        ours = now.loc[now["stage"].isin(COMPULSORY)]
        for kind, per_classes, smallest in (
            (MUSIC, "gua_music_rooms_per12", "gua_music_room_area"),
            (ART, "gua_art_rooms_per12", "gua_art_room_area"),
        ):
            of_kind = ours.loc[ours["room_type"] == kind, "cm2"]
            answers.tell("special_room_count", period, both, len(of_kind), f"room_type={kind}")
            answers.ratio(per_classes, period, both, len(of_kind), due)
            if len(of_kind):
                answers.ratio(smallest, period, both, int(of_kind.min()), 100)
        advice = now.loc[now["room_type"] == ADVICE, "school"].nunique()
        answers.ratio("saf_psych_room_coverage", period, three, advice, base.count_schools(_STAGES, year), 100)
        u = used.loc[(used["year"] == year) & used["stage"].isin(COMPULSORY)]
        answers.tell("room_used_period_count", period, both, int(u["used"].sum()))
        answers.tell("room_available_period_count", period, both, int(u["available"].sum()))
        answers.ratio("qua_facility_utilisation", period, both, int(u["used"].sum()), int(u["available"].sum()), 100)
