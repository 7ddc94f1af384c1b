"""Studios of master teachers and principals, and who works in them."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd

from synth.institutions import forms
from synth.institutions.answers import Answers
from synth.institutions.base import COMPULSORY, Base, days

MASTERS, PRINCIPALS, LEADERS = "名师工作室", "名校长工作室", "领军校长工作室"
# Type and level: studios of the county at the start, and new ones each year.
_PLAN = {(MASTERS, "市级"): (2, 1), (MASTERS, "县级"): (4, 2), (PRINCIPALS, "市级"): (1, 0.5),
(PRINCIPALS, "县级"): (2, 1),
         (LEADERS, "市级"): (1, 0.5)}  # fmt: skip
_FIELDS = ("语文", "数学", "英语", "体育", "音乐", "美术", "道德与法治", "科学")
MEMBER, TRAINEE = "成员", "学员"
_STAFF = {LEADERS: (5, 15), PRINCIPALS: (4, 6), MASTERS: (6, 8)}


def found(base: Base) -> pd.DataFrame:
    """Studios: name, kind, level, code (of the school), day, revoked (NaT: at work)."""
    rng, rows = base.stream("studios"), []
    first, steps = base.years[0], len(base.years)
    for (kind, level), (start, more) in _PLAN.items():
        n = start + int(more * steps)
        for k in range(n):
            year = first - 1 - k % 3 if k < start else first + int((k - start) / more)
            field = _FIELDS[k % len(_FIELDS)] if kind == MASTERS else "ABCDEFGH"[k % 8]
            rows.append({"name": f"{level[0]}{field}{kind}{k + 1}", "kind": kind, "level": level, "year": year})
    table = pd.DataFrame(rows)
    n = len(table)
    schools = base.schools.loc[base.schools["stage"].isin(COMPULSORY)].reset_index(drop=True)
    table["code"] = schools["code"].to_numpy()[rng.integers(0, len(schools), n)]
    table["day"] = pd.to_datetime(table["year"].astype(str) + "-03-01") + pd.to_timedelta(
        rng.integers(0, 240, n), unit="D"
    )
    # One in eight is given up after three or four years.
    given_up = (rng.random(n) < 0.125) & (table["year"] < first).to_numpy()
    table["revoked"] = (table["day"] + pd.to_timedelta(rng.integers(700, 1400, n), unit="D")).where(given_up)
    closing = pd.Timestamp(f"{base.years[-1] + 1}-06-30")
    table["revoked"] = table["revoked"].where(table["revoked"] <= closing)
    return table.sort_values(["day", "name"], ignore_index=True)


def members(base: Base, table: pd.DataFrame) -> pd.DataFrame:
    """Members and trainees: name (of the studio), kind, teacher (code), person (name), role, joined, left (NaT:
    there)."""
    rng = base.stream("studio members")
    staff = base.county.staff
    staff = staff.loc[staff["grade"] > 0] if "grade" in staff else staff
    people = staff.drop_duplicates("code").sort_values("code")[["code", "name"]].reset_index(drop=True)
    frames = []
    for studio in table.itertuples():
        seats = _STAFF[str(studio.kind)]
        n = min(sum(seats), len(people))
        at = people.iloc[np.sort(rng.choice(len(people), n, replace=False))]
        part = pd.DataFrame({"teacher": at["code"].to_numpy(), "person": at["name"].to_numpy()})
        part["role"] = rng.permutation(np.array([MEMBER] * seats[0] + [TRAINEE] * seats[1])[:n])
        part["joined"] = pd.Timestamp(studio.day) + pd.to_timedelta(rng.integers(0, 25, n), unit="D")
        left = days(rng, f"{base.years[0] + 1}-01-10", f"{base.years[-1] + 1}-05-30", n)
        leaves = (rng.random(n) < 0.08) & (left > part["joined"])
        frames.append(part.assign(name=studio.name, kind=studio.kind, left=left.where(leaves)))
    return pd.concat(frames, ignore_index=True)


def write(base: Base, home: Path) -> None:
    """工作室登记表 and 工作室成员表, sent whole."""
    table = found(base)
    people = members(base, table)
    out = pd.DataFrame(
        {
            "工作室名称": table["name"], "工作室类型": table["kind"], "级别": table["level"],
            "学校标识码": table["code"],
            "认定日期": forms.dates(table["day"]), "撤销日期": forms.dates(table["revoked"]),
        }
    )  # fmt: skip
    forms.write_form(home / "工作室登记表.xlsx", out, forms.Form("名师名校长工作室登记表", signed=True), "工作室")
    out = pd.DataFrame(
        {
            "工作室名称": people["name"], "教师编号": people["teacher"], "姓名": people["person"],
            "角色": people["role"],
            "加入日期": forms.dates(people["joined"]), "退出日期": forms.dates(people["left"]),
        }
    )  # fmt: skip
    forms.write_table(home / "工作室成员表.csv", out)


def tell(base: Base, answers: Answers) -> None:
    """Studios at work at the end of the year, and members and trainees a studio of leading principals."""
    table = found(base)
    people = members(base, table)
    for year in base.years:
        end = pd.Timestamp(f"{year}-12-31")
        works = (table["day"] <= end) & (table["revoked"].isna() | (table["revoked"] > end))
        for indicator, kind, levels in (
            ("trn_studio_count", MASTERS, ("市级",)),
            ("tch_master_studios", MASTERS, ("市级", "县级")),
            ("tch_principal_studios", PRINCIPALS, ("市级", "县级")),
        ):
            count = works & (table["kind"] == kind) & table["level"].isin(levels)
            answers.tell(indicator, year, "all", int(count.sum()))
        leaders = table.loc[works & (table["kind"] == LEADERS), "name"]
        there = (people["joined"] <= end) & (people["left"].isna() | (people["left"] > end))
        count = int((there & people["name"].isin(leaders)).sum())
        answers.tell("active_studio_count", year, "all", len(leaders), f"studio_type={LEADERS}")
        answers.tell("studio_person_count", year, "all", count, f"studio_type={LEADERS}")
        answers.ratio("tch_leader_studio_members", year, "all", count, len(leaders))
