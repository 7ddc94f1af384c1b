"""Teachers and other staff: posts, subjects, qualification, age; they grow older, leave, retire and are replaced."""

from __future__ import annotations

import numpy as np
import pandas as pd

from synth.identifiers import identity_numbers, staff_area
from synth.names import CANARY_TEACHER_NAME, draw_names
from synth.schools import (
    GRADES,
    JUNIOR,
    PRESCHOOL,
    PRIMARY,
    SENIOR,
    SPECIAL,
    TEACHING_POINT,
    VOCATIONAL,
    sections_of,
)

# Years before the first full one of which the county remembers who taught: a training cycle is five years long.
TRAINING_HISTORY = 5
# Shares of the main subjects among the teachers of a section; '' has no school subject (kindergarten, a trade).
_MIX = {
    PRIMARY: {
        "语文": 0.36, "数学": 0.27, "英语": 0.09, "体育": 0.08, "音乐": 0.05, "美术": 0.05, "科学": 0.06,
        "道德与法治": 0.04,
    },
    JUNIOR: {
        "语文": 0.17, "数学": 0.17, "英语": 0.16, "物理": 0.09, "体育": 0.08, "化学": 0.06, "历史": 0.06,
        "道德与法治": 0.06, "生物": 0.05, "地理": 0.05, "音乐": 0.025, "美术": 0.025,
    },
    PRESCHOOL: {"": 1.0},
    SENIOR: {
        "语文": 0.15, "数学": 0.15, "英语": 0.15, "物理": 0.1, "化学": 0.09, "生物": 0.08, "历史": 0.07, "地理": 0.07,
        "道德与法治": 0.07, "体育": 0.04, "音乐": 0.015, "美术": 0.015,
    },
    SPECIAL: {"语文": 0.35, "数学": 0.25, "体育": 0.12, "音乐": 0.14, "美术": 0.14},
    VOCATIONAL: {"": 0.5, "语文": 0.14, "数学": 0.13, "英语": 0.12, "道德与法治": 0.05, "体育": 0.06},
}  # fmt: skip
_SECOND = {
    "语文": "道德与法治", "数学": "科学", "体育": "音乐", "音乐": "美术", "科学": "数学", "历史": "地理",
    "生物": "化学",
}  # fmt: skip
PE_ART_SUBJECTS = ("体育", "音乐", "美术", "艺术")
# From low to high; the rule of the seven items: primary above 高中阶段, junior above 专科.
QUALIFICATIONS = ("高中阶段毕业", "大学专科", "大学本科", "硕士研究生")
_QUALIFIED_ODDS = {
    (PRIMARY, True): (0.04, 0.16, 0.74, 0.06),
    (PRIMARY, False): (0.14, 0.40, 0.455, 0.005),
    (JUNIOR, True): (0.0, 0.05, 0.82, 0.13),
    (JUNIOR, False): (0.012, 0.158, 0.80, 0.03),
    (PRESCHOOL, True): (0.12, 0.60, 0.28, 0.0),
    (PRESCHOOL, False): (0.2, 0.62, 0.18, 0.0),
    (SENIOR, True): (0.0, 0.03, 0.80, 0.17),
    (SENIOR, False): (0.0, 0.04, 0.86, 0.10),
    (SPECIAL, True): (0.0, 0.0, 0.93, 0.07),
    (SPECIAL, False): (0.0, 0.0, 0.96, 0.04),
    (VOCATIONAL, True): (0.0, 0.06, 0.84, 0.10),
    (VOCATIONAL, False): (0.0, 0.09, 0.86, 0.05),
}
_CLASS_RATIO = {PRESCHOOL: 2.0, SENIOR: 3.3, SPECIAL: 1.8, VOCATIONAL: 2.9, JUNIOR: 3.4}
_FEMALE = {PRESCHOOL: 0.96, PRIMARY: 0.68, SPECIAL: 0.7}
PE_ART_DRIVE = 0.12  # how much more PE and arts weigh in the plan of posts with every full year
MOST_AT_ONCE = 0.2
_POSTS = ("行政人员", "教辅人员", "工勤人员")
_TITLES = ("未定级", "三级教师", "二级教师", "一级教师", "高级教师")
TEACHER, VISITOR, OFFICE, OTHER = "专任教师", "兼职教师", "行政人员", "other"
_VISITED = 0.4  # of the compulsory sections get a part-time teacher of music or fine arts from elsewhere
PRINCIPAL, KINDERGARTEN_HEAD, VICE, PLAIN = "校长", "园长", "副校长", "教师"


def _target(schools: pd.DataFrame, sections: pd.DataFrame, classes: pd.DataFrame) -> np.ndarray:
    """Full-time teachers each section has posts for, by its classes: more a class where classes are small."""
    info = schools.loc[sections["school"]].reset_index(drop=True)
    merged = sections.merge(classes, on=["school", "stage"], how="left")
    ratio = np.where(sections["stage"] == PRIMARY, np.where(info["is_urban"], 2.3, 2.1), 3.4)
    other = sections["stage"].map(_CLASS_RATIO)
    ratio = np.where(other.notna(), other, ratio)
    ratio = np.where(info["type_code"] == TEACHING_POINT, 1.25, ratio)
    return np.maximum(2, np.rint(merged["classes"].fillna(1).to_numpy() * ratio)).astype(int)


def _gently(have: np.ndarray, wanted: np.ndarray) -> np.ndarray:
    """Teachers a section gets within a year: posts follow its classes by a fifth at a time, or by two.

    More at once is what an office asks a school about; it happens where a fault is planted.
    """
    slack = np.maximum(have * MOST_AT_ONCE, 2).astype(int)
    return np.where(have > 0, np.clip(wanted, have - slack, have + slack), wanted)


def _hire(section: np.ndarray, sections: pd.DataFrame, is_urban: np.ndarray, rng, *, veteran: bool) -> pd.DataFrame:
    n = len(section)
    age = rng.integers(24, 58, n) if veteran else rng.integers(22, 31, n)
    stage = sections["stage"].to_numpy()[section]
    urban = is_urban[sections["school"].to_numpy()[section]]
    draw, quality = rng.random(n), np.zeros(n, dtype=int)
    for (s, u), odds in _QUALIFIED_ODDS.items():
        who = (stage == s) & (urban == u)
        quality[who] = np.searchsorted(np.cumsum(odds)[:-1], draw[who], side="right")
    if not veteran:
        quality = np.maximum(quality, np.where(stage == PRESCHOOL, 1, 2))
    female = pd.Series(stage).map(_FEMALE).fillna(0.55).to_numpy()
    return pd.DataFrame(
        {
            "section": section,
            "age": age,
            "is_female": rng.random(n) < female,
            "quality": quality,
            "rank": rng.random(n),
            "established": rng.random(n) < np.where(stage == PRESCHOOL, 0.6, 0.93),
            "excels": rng.random(n) / np.where(urban, 0.23, 0.14) / np.where(stage == JUNIOR, 1.45, 1.0),
        }
    )


def _fill_subjects(roll: pd.DataFrame, new: pd.DataFrame, sections: pd.DataFrame, step: int) -> list[str]:
    """Main subject of each newcomer: what the section is shortest of; the plan leans to PE and arts more every year."""
    have: dict[int, dict[str, int]] = {}
    if len(roll):
        for (section, subject), n in roll.groupby(["section", "main_subject"]).size().items():  # type: ignore[misc]
            have.setdefault(section, {})[subject] = n
    plans = {}
    for stage, mix in _MIX.items():
        weights = np.array([w * (1 + PE_ART_DRIVE * step * (s in PE_ART_SUBJECTS)) for s, w in mix.items()])
        plans[stage] = (np.array(list(mix), dtype=object), weights / weights.sum())
    stage_of_section = sections["stage"].to_numpy()
    ids, counts = np.unique(new["section"].to_numpy(), return_counts=True)
    subjects: list[str] = []
    for section, n in zip(ids.tolist(), counts.tolist(), strict=True):
        names, shares = plans[stage_of_section[section]]
        there = have.get(section, {})
        exact = shares * (n + sum(there.values()))
        seats = np.floor(exact).astype(int)
        seats[np.argsort(-(exact - seats), kind="stable")[: round(exact.sum()) - seats.sum()]] += 1
        short = np.maximum(0, seats - np.array([there.get(s, 0) for s in names]))
        order = np.argsort(-short, kind="stable")
        subjects += np.repeat(names[order], short[order])[:n].tolist()
    return subjects


def employ(schools: pd.DataFrame, heads: pd.DataFrame, region_code: str, rng: np.random.Generator) -> pd.DataFrame:
    """Staff of each school year of `heads` (year, school, stage, classes, top), one row per person and year.

    Returns year, person, school, stage, post, main_subject, subjects, grade, class_no, quality (index into
    QUALIFICATIONS), established, title, teaching_years, age, is_female, born, excels (0..: below 1 is of backbone
    quality), name, identity, code, duty, duty_since and school_since (dates), rank and mood (0..1 by person, by person
    and year), is_canary.
    """
    sections = sections_of(schools)
    is_urban = schools["is_urban"].to_numpy()
    years = sorted(heads["year"].unique().tolist())
    total, frames = 0, []
    roll = pd.DataFrame()
    for step, year in enumerate(years):
        wanted = _target(schools, sections, heads.loc[heads["year"] == year])
        # In larger schools a post may stand vacant on 1 September.
        wanted = wanted - ((wanted >= 10) & (rng.random(len(wanted)) < 0.3))
        if not frames:
            new = _hire(np.repeat(np.arange(len(sections)), wanted), sections, is_urban, rng, veteran=True)
        else:
            wanted = _gently(np.bincount(roll["section"], minlength=len(sections)), wanted)
            roll = roll.assign(age=roll["age"] + 1)
            limit = np.where(roll["is_female"], 56, 60)
            roll = roll.loc[(roll["age"] < limit) & (rng.random(len(roll)) >= 0.02)]
            have = np.bincount(roll["section"], minlength=len(sections))
            short = np.repeat(np.arange(len(sections)), np.maximum(0, wanted - have))
            new = _hire(short, sections, is_urban, rng, veteran=False)
            surplus = roll.groupby("section").cumcount().to_numpy() >= wanted[roll["section"]]
            roll = roll.loc[~surplus]
        new["person"] = np.arange(total, total + len(new))
        new["first_year"] = year - np.maximum(0, new["age"] - 23)
        # Who was here before the record begins came at some time of their career.
        career = year - new["first_year"]
        new["school_year_since"] = year - (career * rng.random(len(new))).astype(int) if not step else year
        total += len(new)
        new["main_subject"] = _fill_subjects(roll, new, sections, max(0, step - TRAINING_HISTORY))
        roll = pd.concat([roll, new], ignore_index=True).sort_values(["section", "person"], ignore_index=True)
        frames.append(roll.assign(year=year, post=TEACHER))
    teachers = pd.concat(frames, ignore_index=True)
    others, total = _other_staff(teachers, sections, years, total, rng)
    leaders, total = _principals(schools, sections, years, total, rng)
    visitors = _visitors(sections, years, total, rng)
    everyone = pd.concat([teachers, others, leaders, visitors], ignore_index=True)
    everyone = everyone.sort_values(["year", "section", "person"], ignore_index=True)
    everyone["school"] = sections["school"].to_numpy()[everyone["section"]]
    everyone["stage"] = sections["stage"].to_numpy()[everyone["section"]]
    return _describe(everyone, heads, region_code, rng)


def _other_staff(
    teachers: pd.DataFrame, sections: pd.DataFrame, years: list[int], total: int, rng: np.random.Generator
) -> tuple[pd.DataFrame, int]:
    first = teachers.loc[teachers["year"] == years[0]].groupby("section").size()
    section = np.repeat(first.index.to_numpy(), np.maximum(1, (first * 0.1).round().astype(int)).to_numpy())
    n = len(section)
    base = pd.DataFrame(
        {
            "section": section,
            "age": rng.integers(28, 47, n),
            "is_female": rng.random(n) < 0.4,
            "quality": rng.integers(0, 3, n),
            "rank": rng.random(n),
            "established": rng.random(n) < 0.8,
            "excels": np.inf,
            "person": np.arange(total, total + n),
            "first_year": years[0] - rng.integers(1, 20, n),
            "main_subject": "",
            "post": np.array(_POSTS, dtype=object)[1 + np.arange(n) % 2],
        }
    )
    base["school_year_since"] = base["first_year"]
    frames = [base.assign(year=year, age=base["age"] + step) for step, year in enumerate(years)]
    return pd.concat(frames, ignore_index=True), total + n


def _principals(
    schools: pd.DataFrame, sections: pd.DataFrame, years: list[int], total: int, rng: np.random.Generator
) -> tuple[pd.DataFrame, int]:
    """The head of each school, year by year: terms of four to nine years (kindergartens: to five), then another."""
    n = len(schools)
    home = sections.reset_index().drop_duplicates("school").set_index("school")["index"]
    kindergarten = (schools["first_grade"] < 1).to_numpy()
    longest = np.where(kindergarten, 6, 10)
    start, term = years[0] - rng.integers(0, 4, n), rng.integers(4, longest)
    person, age = np.arange(total, total + n), rng.integers(38, 47, n) + (years[0] - start)
    total += n
    rank, female = rng.random(n), rng.random(n) < 0.35
    frames = []
    for year in years:
        over = (year - start) >= term
        k = int(over.sum())
        person, rank, female = person.copy(), rank.copy(), female.copy()
        person[over], start = np.arange(total, total + k), np.where(over, year, start)
        age = np.where(over, rng.integers(38, 49, n), age)
        term = np.where(over, rng.integers(4, longest), term)
        rank[over], female[over] = rng.random(k), rng.random(k) < 0.35
        total += k
        frames.append(
            pd.DataFrame(
                {
                    "section": home.loc[schools["school"]].to_numpy(),
                    "age": age,
                    "is_female": female | kindergarten,
                    "quality": 2,
                    "rank": rank,
                    "established": True,
                    "excels": np.inf,
                    "person": person,
                    "first_year": year - (age - 23),
                    "main_subject": "",
                    "post": OFFICE,
                    "school_year_since": start,
                    "duty": np.where(kindergarten, KINDERGARTEN_HEAD, PRINCIPAL),
                    "year": year,
                }
            )
        )
        age = age + 1
    return pd.concat(frames, ignore_index=True), total


def _visitors(sections: pd.DataFrame, years: list[int], total: int, rng: np.random.Generator) -> pd.DataFrame:
    """Part-time teachers of music and fine arts from outside; fewer as the schools get teachers of their own."""
    wants = sections["stage"].isin([PRIMARY, JUNIOR]).to_numpy() & (rng.random(len(sections)) < _VISITED)
    section = np.flatnonzero(wants)
    n = len(section)
    base = pd.DataFrame(
        {
            "section": section,
            "age": rng.integers(25, 40, n),
            "is_female": rng.random(n) < 0.6,
            "quality": 2,
            "rank": rng.random(n),
            "established": False,
            "excels": np.inf,
            "person": np.arange(total, total + n),
            "first_year": years[0] - 2,
            "main_subject": np.array(["音乐", "美术"], dtype=object)[rng.integers(0, 2, n)],
            "post": VISITOR,
            "school_year_since": years[0],
        }
    )
    stays = rng.integers(len(years) - 2, 3 * len(years), n)
    frames = [base.assign(year=year, age=base["age"] + step).loc[stays > step] for step, year in enumerate(years)]
    return pd.concat(frames, ignore_index=True)


def _describe(staff: pd.DataFrame, heads: pd.DataFrame, region_code: str, rng: np.random.Generator) -> pd.DataFrame:
    people = staff.groupby("person", sort=True).first()
    start = staff.groupby("person")["year"].min()
    born = pd.to_datetime((start - people["age"]).astype(str) + "-01-01") + pd.to_timedelta(
        rng.integers(0, 240, len(people)), unit="D"
    )
    area = pd.Series(staff_area(region_code), index=people.index)
    identity = identity_numbers(area, born, people["is_female"])
    name = pd.Series(draw_names(rng, people["is_female"].to_numpy()).astype(object), index=people.index)
    first_section = staff.loc[(staff["post"] == TEACHER) & (staff["section"] == 0)]
    canary = int(first_section["person"].value_counts().sort_index().idxmax())
    name[canary] = CANARY_TEACHER_NAME

    teaches = staff["post"] == TEACHER
    low = {**{s: g[0] for s, g in GRADES.items()}, SPECIAL: 1, VOCATIONAL: 10}
    stage_low = staff["stage"].map(low).to_numpy()
    top = heads.groupby(["school", "stage"])["top"].max()
    high = top.reindex(pd.MultiIndex.from_frame(staff[["school", "stage"]])).to_numpy().astype(int)
    second = staff["main_subject"].map(_SECOND).fillna("")
    two = teaches & (staff["rank"] < 0.25) & (second != "")
    years = (staff["year"] - staff["first_year"]).clip(lower=0)
    since = pd.to_datetime(staff["school_year_since"].astype(int).astype(str) + "-08-20")
    vice = teaches & (staff.groupby(["year", "school"]).cumcount() == 3)
    duty = staff["duty"].fillna("").where(staff["duty"].notna(), np.where(vice, VICE, np.where(teaches, PLAIN, "")))
    return staff.assign(
        identity=staff["person"].map(identity),
        name=staff["person"].map(name),
        born=staff["person"].map(born),
        code="JS" + region_code + staff["person"].add(1).astype(str).str.zfill(5),
        is_canary=staff["person"] == canary,
        grade=np.where(teaches, stage_low + (staff["person"] + staff["year"]) % (high - stage_low + 1), 0),
        class_no=np.where(teaches, 1, 0),
        teaches=teaches,
        subjects=np.where(two, staff["main_subject"] + "、" + second, staff["main_subject"]),
        teaching_years=years,
        title=np.where(teaches, np.array(_TITLES, dtype=object)[(years // 7).clip(0, 4)], ""),
        duty=duty,
        duty_since=since,
        school_since=since,
        mood=rng.random(len(staff)),
    ).drop(columns="school_year_since")
