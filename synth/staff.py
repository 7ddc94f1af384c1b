"""Teachers and other staff: posts, subjects, qualification, age; they grow older, leave, retire and are replaced."""

from __future__ import annotations

import numpy as np
import pandas as pd

from synth.identifiers import identity_numbers
from synth.names import CANARY_TEACHER_NAME, draw_names
from synth.schools import JUNIOR, PRIMARY, TEACHING_POINT, sections_of

# Shares of the main subjects among the teachers of a section.
_MIX = {
    PRIMARY: {
        "语文": 0.36, "数学": 0.27, "英语": 0.09, "体育": 0.08, "音乐": 0.05, "美术": 0.05, "科学": 0.06,
        "道德与法治": 0.04,
    },
    JUNIOR: {
        "语文": 0.17, "数学": 0.17, "英语": 0.16, "物理": 0.09, "体育": 0.08, "化学": 0.06, "历史": 0.06,
        "道德与法治": 0.06, "生物": 0.05, "地理": 0.05, "音乐": 0.025, "美术": 0.025,
    },
}  # fmt: skip
_SECOND = {
    "语文": "道德与法治",
    "数学": "科学",
    "体育": "音乐",
    "音乐": "美术",
    "科学": "数学",
    "历史": "地理",
    "生物": "化学",
}
PE_ART_SUBJECTS = ("体育", "音乐", "美术", "艺术")
# From low to high; the rule of the seven items: primary above 高中阶段, junior above 专科.
QUALIFICATIONS = ("高中阶段毕业", "大学专科", "大学本科", "硕士研究生")
_QUALIFIED_ODDS = {
    (PRIMARY, True): (0.01, 0.16, 0.77, 0.06),
    (PRIMARY, False): (0.05, 0.43, 0.515, 0.005),
    (JUNIOR, True): (0.0, 0.05, 0.82, 0.13),
    (JUNIOR, False): (0.0, 0.17, 0.80, 0.03),
}
PE_ART_DRIVE = 0.12  # how much more PE and arts weigh in the plan of posts with every year
_POSTS = ("行政人员", "教辅人员", "工勤人员")
_TITLES = ("未定级", "三级教师", "二级教师", "一级教师", "高级教师")
TEACHER, OTHER = "专任教师", "other"


def _target(schools: pd.DataFrame, sections: pd.DataFrame, classes: pd.DataFrame) -> np.ndarray:
    """Full-time teachers each section has posts for, by its classes: more a class where classes are small."""
    info = schools.loc[sections["school"]].reset_index(drop=True)
    merged = sections.merge(classes, on=["school", "stage"], how="left")
    ratio = np.where(sections["stage"] == PRIMARY, np.where(info["is_urban"], 2.3, 2.1), 3.4)
    ratio = np.where(info["type_code"] == TEACHING_POINT, 1.25, ratio)
    return np.maximum(2, np.rint(merged["classes"].fillna(1).to_numpy() * ratio)).astype(int)


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
        quality = np.maximum(quality, 2)
    return pd.DataFrame(
        {
            "section": section,
            "age": age,
            "is_female": rng.random(n) < np.where(stage == PRIMARY, 0.68, 0.55),
            "quality": quality,
            "rank": rng.random(n),
            "established": rng.random(n) < 0.93,
            "backbone": (rng.random(n) < np.where(urban, 0.21, 0.11)) & (age >= 32),
        }
    )


def _fill_subjects(roll: pd.DataFrame, new: pd.DataFrame, sections: pd.DataFrame, step: int) -> list[str]:
    """Main subject of each newcomer: what the section is shortest of; the plan leans to PE and arts more every year."""
    subjects: list[str] = []
    have = roll.groupby(["section", "main_subject"]).size() if len(roll) else pd.Series(dtype=int)
    total = roll.groupby("section").size() if len(roll) else pd.Series(dtype=int)
    for section, members in new.groupby("section", sort=True).groups.items():
        mix = pd.Series(_MIX[sections.at[section, "stage"]])
        mix = mix * np.where(mix.index.isin(PE_ART_SUBJECTS), 1 + PE_ART_DRIVE * step, 1.0)
        exact = (mix / mix.sum()).to_numpy() * (len(members) + int(total.get(section, 0)))
        seats = np.floor(exact).astype(int)
        seats[np.argsort(-(exact - seats), kind="stable")[: round(exact.sum()) - seats.sum()]] += 1
        short = np.maximum(0, seats - [int(have.get((section, subject), 0)) for subject in mix.index])
        order = np.argsort(-short, kind="stable")
        subjects += np.repeat(mix.index.to_numpy()[order], short[order])[: len(members)].tolist()
    return subjects


def employ(
    schools: pd.DataFrame, class_counts: pd.DataFrame, years: list[int], region_code: str, rng: np.random.Generator
) -> pd.DataFrame:
    """Staff of each school year, one row per person and year.

    `class_counts`: year, school, stage, classes. Returns year, person, school, stage, post, main_subject, subjects,
    grade, class_no, quality (index into QUALIFICATIONS), established, title, teaching_years, backbone, name,
    identity, code, is_canary.
    """
    sections = sections_of(schools)
    is_urban = schools["is_urban"].to_numpy()
    total, frames = 0, []
    roll = pd.DataFrame()
    for year in years:
        wanted = _target(schools, sections, class_counts.loc[class_counts["year"] == year])
        # In larger schools a post may stand vacant on 1 September.
        wanted = wanted - ((wanted >= 10) & (rng.random(len(wanted)) < 0.3))
        if not frames:
            new = _hire(np.repeat(np.arange(len(sections)), wanted), sections, is_urban, rng, veteran=True)
        else:
            roll = roll.assign(age=roll["age"] + 1)
            limit = np.where(roll["is_female"], 56, 60)
            roll = roll.loc[(roll["age"] < limit) & (rng.random(len(roll)) >= 0.02)]
            have = np.bincount(roll["section"], minlength=len(sections))
            new = _hire(
                np.repeat(np.arange(len(sections)), np.maximum(0, wanted - have)),
                sections,
                is_urban,
                rng,
                veteran=False,
            )
            surplus = roll.groupby("section").cumcount().to_numpy() >= wanted[roll["section"]]
            roll = roll.loc[~surplus]
        new["person"] = np.arange(total, total + len(new))
        new["first_year"] = year - np.maximum(0, new["age"] - 23)
        total += len(new)
        new["main_subject"] = _fill_subjects(roll, new, sections, len(frames))
        roll = pd.concat([roll, new], ignore_index=True).sort_values(["section", "person"], ignore_index=True)
        frames.append(roll.assign(year=year, post=TEACHER))
    teachers = pd.concat(frames, ignore_index=True)
    others, total = _other_staff(teachers, sections, years, total, rng)
    everyone = pd.concat([teachers, others], ignore_index=True)
    everyone = everyone.sort_values(["year", "section", "person"], ignore_index=True)
    everyone["school"] = sections["school"].to_numpy()[everyone["section"]]
    everyone["stage"] = sections["stage"].to_numpy()[everyone["section"]]
    return _describe(everyone, class_counts, region_code, rng)


def _other_staff(
    teachers: pd.DataFrame, sections: pd.DataFrame, years: list[int], total: int, rng: np.random.Generator
) -> tuple[pd.DataFrame, int]:
    first = teachers.loc[teachers["year"] == years[0]].groupby("section").size()
    section = np.repeat(first.index.to_numpy(), np.maximum(1, (first * 0.1).round().astype(int)).to_numpy())
    n = len(section)
    base = pd.DataFrame(
        {
            "section": section,
            "age": rng.integers(28, 52, n),
            "is_female": rng.random(n) < 0.4,
            "quality": rng.integers(0, 3, n),
            "rank": rng.random(n),
            "established": rng.random(n) < 0.8,
            "backbone": False,
            "person": np.arange(total, total + n),
            "first_year": years[0] - rng.integers(1, 20, n),
            "main_subject": "",
            "post": np.array(_POSTS, dtype=object)[np.arange(n) % 3],
        }
    )
    frames = [base.assign(year=year, age=base["age"] + step) for step, year in enumerate(years)]
    return pd.concat(frames, ignore_index=True), total + n


def _describe(
    staff: pd.DataFrame, class_counts: pd.DataFrame, region_code: str, rng: np.random.Generator
) -> pd.DataFrame:
    people = staff.groupby("person", sort=True).first()
    start = staff.groupby("person")["year"].min()
    born = pd.to_datetime((start - people["age"]).astype(str) + "-01-01") + pd.to_timedelta(
        rng.integers(0, 240, len(people)), unit="D"
    )
    area = pd.Series(f"9904{int(region_code) % 100:02d}", index=people.index)
    identity = identity_numbers(area, born, people["is_female"])
    name = pd.Series(draw_names(rng, people["is_female"].to_numpy()).astype(object), index=people.index)
    canary = int(
        staff.loc[(staff["post"] == TEACHER) & (staff["section"] == 0), "person"].value_counts().sort_index().idxmax()
    )
    name[canary] = CANARY_TEACHER_NAME

    teaches = staff["post"] == TEACHER
    stage_low = np.where(staff["stage"] == PRIMARY, 1, 7)
    span = staff["school"].map(class_counts.groupby("school")["top"].max()).to_numpy()
    high = np.where(staff["stage"] == PRIMARY, np.minimum(6, span), 9)
    second = staff["main_subject"].map(_SECOND).fillna("")
    two = teaches & (staff["rank"] < 0.25) & (second != "")
    years = (staff["year"] - staff["first_year"]).clip(lower=0)
    return staff.assign(
        identity=staff["person"].map(identity),
        name=staff["person"].map(name),
        code="JS" + region_code + staff["person"].add(1).astype(str).str.zfill(5),
        is_canary=staff["person"] == canary,
        grade=np.where(teaches, stage_low + (staff["person"] + staff["year"]) % (high - stage_low + 1), 0),
        class_no=np.where(teaches, 1, 0),
        subjects=np.where(two, staff["main_subject"] + "、" + second, staff["main_subject"]),
        title=np.where(teaches, np.array(_TITLES, dtype=object)[np.minimum(4, years // 7)], ""),
        teaching_years=years,
    )
