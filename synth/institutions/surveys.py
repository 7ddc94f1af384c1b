"""What pupils, parents, teachers and others answered, and how long written homework takes."""

from __future__ import annotations

from fractions import Fraction
from pathlib import Path

import numpy as np
import pandas as pd

from synth.institutions import forms
from synth.institutions.answers import Answers
from synth.institutions.base import COMPULSORY, GRADE_ZH, STAGE_ZH, Base, school_year, scope

RECOGNITION, PARENTS, AFTER_SCHOOL, TRAINEES = "社会认可度", "家长社会满意度", "课后服务满意率", "参训教师满意度"
HOMEWORK, HOMEWORK_QUESTION = "作业负担调查", "书面作业时间"
# Share of pupils within the time from which the county says that no one is overloaded.
COMPLIANT = Fraction(85, 100)
# Who is asked in the county's survey, of how many of a hundred pupils, and how content they are.
_ASKED = {
    "学生": (30, 0.91), "家长": (35, 0.88), "教师": (4, 0.9), "校长": (0.2, 0.94), "人大代表": (0.4, 0.87),
    "政协委员": (0.4, 0.86), "社会": (6, 0.83),
}  # fmt: skip
_OF_SCHOOLS = {
    PARENTS: ((("家长", 0.55), ("社会", 0.06)), ("教育教学质量", "师德师风"), 0.9),
    AFTER_SCHOOL: ((("学生", 0.4), ("家长", 0.45)), ("课后服务内容", "课后服务时间"), 0.87),
}
_COLUMNS = [
    "year",
    "survey",
    "question",
    "group",
    "school",
    "code",
    "name",
    "stage",
    "grade",
    "sent",
    "valid",
    "content",
]


def _answered(rng: np.random.Generator, sent: np.ndarray, rate: np.ndarray | float) -> tuple[np.ndarray, np.ndarray]:
    """Valid answers to what was sent out, and those that are content."""
    valid = np.minimum(sent, np.rint(sent * rng.uniform(0.86, 0.99, len(sent)))).astype(int)
    return valid, rng.binomial(valid, np.clip(rate, 0.3, 0.995))


def _of_county(base: Base) -> list[pd.DataFrame]:
    """The county's own survey of the compulsory stages, in November."""
    frames = []
    for year in base.years:
        rng = base.stream(RECOGNITION, year)
        step = year - base.years[0]
        pupils = base.of(COMPULSORY).query("year == @year").groupby("stage")["pupils"].sum()
        for stage in (s for s in COMPULSORY if s in pupils.index):
            asked = pd.DataFrame(
                [(g, max(5, round(n * pupils[stage] / 100)), p) for g, (n, p) in _ASKED.items()],
                columns=["group", "sent", "rate"],
            )
            table = asked.loc[asked.index.repeat(2)].assign(question=["办学条件", "教育质量"] * len(asked))
            valid, content = _answered(rng, table["sent"].to_numpy(), table["rate"].to_numpy() + 0.012 * step)
            frames.append(
                table.assign(
                    year=year, survey=RECOGNITION, stage=stage, valid=valid, content=content, day=f"{year}-11-18"
                )
            )
    return frames


def _of_trainees(base: Base) -> list[pd.DataFrame]:
    """Teachers on the year's training, asked in December."""
    frames = []
    for year in base.years:
        rng, step = base.stream(TRAINEES, year), year - base.years[0]
        teachers = int(base.sections.loc[base.sections["year"] == year, "teachers"].sum())
        sent = np.array([max(10, round(teachers * share)) for share in (0.8, 0.8, 0.8)])
        valid, content = _answered(rng, sent, np.array([0.9, 0.87, 0.93]) + 0.015 * step)
        frames.append(
            pd.DataFrame(
                {"year": year, "survey": TRAINEES, "question": ["课程内容", "组织管理", "授课教师"], "group": "教师",
                 "stage": "", "sent": sent, "valid": valid, "content": content, "day": f"{year}-12-20"}
            )
        )  # fmt: skip
    return frames


def _of_schools(base: Base) -> list[pd.DataFrame]:
    """Surveys in every compulsory section at the end of the school year."""
    sections = base.of(COMPULSORY)
    taste = base.stream("school taste").normal(0, 0.03, len(base.schools))
    liked = sections["school"].map(dict(zip(base.schools["school"], taste, strict=True)))
    frames = []
    for survey, (groups, questions, level) in _OF_SCHOOLS.items():
        rng = base.stream(survey)
        for group, share in groups:
            sent = np.maximum(3, np.rint(sections["pupils"] * share)).astype(int)
            for question in questions:
                rate = level + liked + 0.015 * sections["step"] + np.where(sections["is_urban"], 0.01, -0.01)
                valid, content = _answered(rng, sent.to_numpy(), rate.to_numpy())
                frames.append(
                    sections.assign(survey=survey, question=question, group=group, sent=sent, valid=valid,
                                    content=content, day=(sections["year"] + 1).astype(str) + "-06-12")
                )  # fmt: skip
    return frames


def _of_homework(base: Base) -> pd.DataFrame:
    """Pupils of each grade whose written homework keeps within the time their stage allows (content)."""
    rng, table = base.stream(HOMEWORK), base.grades.loc[base.grades["stage"].isin(COMPULSORY)]
    sent = np.rint(table["pupils"] * 0.9).astype(int)
    rate = 0.9 - 0.012 * table["grade"] + 0.025 * table["step"] + np.where(table["is_urban"], -0.02, 0.02)
    valid, content = _answered(rng, sent.to_numpy(), rate.to_numpy())
    return table.assign(
        survey=HOMEWORK, question=HOMEWORK_QUESTION, group="学生", sent=sent, valid=valid, content=content,
        day=(table["year"] + 1).astype(str) + "-04-16",
    )  # fmt: skip


def found(base: Base) -> pd.DataFrame:
    """Answers: year (of the school year), survey, question, group, code ('' for the county), stage ('' for all), grade
    (NaN for all), sent, valid, content, day (text)."""
    frames = [*_of_county(base), *_of_trainees(base), *_of_schools(base), _of_homework(base)]
    table = pd.concat(frames, ignore_index=True)[[*_COLUMNS, "day"]]
    table[["code", "name", "stage"]] = table[["code", "name", "stage"]].fillna("")
    return table.sort_values(["year", "survey", "question", "group", "code", "stage", "grade"], ignore_index=True)


def write(base: Base, home: Path) -> None:
    """满意度调查汇总表 of the county as a workbook, those of the schools and of homework as text tables."""
    table = found(base)
    for year in base.years:
        folder, now = home / school_year(year), table.loc[table["year"] == year]
        wide = now["survey"].isin([RECOGNITION, TRAINEES])
        homework = now["survey"] == HOMEWORK
        form = forms.Form(
            f"{school_year(year)}学年满意度调查汇总表",
            "份",
            note="各对象按调查方案抽样。",
            sums=("发放数", "有效数", "满意数"),
        )
        county = _printed(now.loc[wide]).drop(columns=["学校标识码", "年级"])
        forms.write_form(folder / "满意度调查汇总表.xlsx", county, form, "满意度")
        schools = _printed(now.loc[~wide & ~homework]).drop(columns=["年级"])
        forms.write_gb(folder / "学校满意度调查汇总表.csv", schools)
        burden = _printed(now.loc[homework]).rename(columns={"满意数": "不超限数"})
        forms.write_table(folder / "书面作业时间调查汇总表.csv", burden)


def _printed(t: pd.DataFrame) -> pd.DataFrame:
    return pd.DataFrame(
        {
            "调查名称": t["survey"], "题目": t["question"], "调查对象": t["group"], "学校标识码": t["code"],
            "学段": t["stage"].map(STAGE_ZH).fillna(""), "年级": t["grade"].map(GRADE_ZH).fillna(""),
            "发放数": t["sent"],
            "有效数": t["valid"], "满意数": t["content"], "调查日期": t["day"],
        }
    )  # fmt: skip


def tell(base: Base, answers: Answers) -> None:
    """Satisfied of valid answers, over all questions and groups of a survey."""
    table, both = found(base), scope(COMPULSORY)
    # November and December fall in the calendar and project year in which the school year begins.
    for year in base.years:
        for indicator, survey, period, stage in (
            ("sat_social_recognition", RECOGNITION, str(year), both),
            ("sat_parent_social_satisfaction", PARENTS, school_year(year), both),
            ("sat_afterschool_satisfaction", AFTER_SCHOOL, school_year(year), both),
            ("sat_trainee_satisfaction", TRAINEES, str(year), "all"),
        ):
            now = table.loc[(table["year"] == year) & (table["survey"] == survey)]
            valid, content = int(now["valid"].sum()), int(now["content"].sum())
            answers.tell("valid_answer_count", period, stage, valid, f"survey={survey}")
            answers.tell("satisfied_answer_count", period, stage, content, f"survey={survey}")
            answers.ratio(indicator, period, stage, content, valid, 100)
        now = table.loc[(table["year"] == year) & (table["survey"] == HOMEWORK)]
        answers.tell("homework_valid_answer_count", school_year(year), both, int(now["valid"].sum()))
        within, valid = int(now["content"].sum()), int(now["valid"].sum())
        answers.tell("homework_within_limit_answer_count", school_year(year), both, within)
        answers.tell("qua_no_overload", school_year(year), both, within >= valid * COMPLIANT)
