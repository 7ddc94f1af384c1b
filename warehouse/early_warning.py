"""The early warnings of a school year: which schools and classes fell from one exam to the next."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import Any

from warehouse.errors import SchoolhouseError
from warehouse.query import open_zone
from warehouse.settings import Settings

LEVELS = {"warning": "预警", "notice": "关注", "none": "正常", "undecided": "未判定"}
UNDECIDED = {
    "few_schools": "参考学校过少",
    "no_previous_exam": "此前未参加考试",
    "group_too_small": "人数不足",
    "no_value": "无分数线或无差异",
}
_YEARS = "select distinct region_code, school_year from fct_exam_group_stat order by all"
# The level comes first, then the newest exam, then by how many thresholds the change is over.
_ROWS = """
    select w.warning_level, e.exam_name, w.exam_date, p.exam_name as previous_exam_name, w.previous_exam_date,
        w.is_same_term, w.stage, w.grade, w.subject, w.group_type, w.school_code, s.school_name, w.class_name,
        w.reason_code, w.reason_zh, w.measure, w.pupil_count, w.previous_pupil_count, w.value, w.region_value,
        w.standing, w.previous_value, w.previous_region_value, w.previous_standing, w.standing_change, w.fall_streak,
        w.judged_value, w.notice_at, w.warning_at, w.min_pupils, w.rule_region_code, w.undecided_code
    from fct_early_warning as w
    left join dim_exam as e on w.exam_id = e.exam_id and w.school_year = e.school_year
    left join dim_exam as p on w.previous_exam_id = p.exam_id and w.school_year = p.school_year
    left join dim_school as s on w.school_key = s.school_key
    where w.region_code = ? and w.school_year = ?
    order by case w.warning_level when 'warning' then 1 when 'notice' then 2 when 'none' then 3 else 4 end,
        w.exam_date desc, w.judged_value / w.warning_at desc, w.grade, w.subject, w.school_code, w.class_name,
        w.reason_code, w.exam_id
"""


@dataclass(frozen=True)
class Warnings:
    """Every comparison of a region's school year, the warnings first; `shown` are those of the levels asked for."""

    region_code: str
    school_year: str
    counts: dict[str, int]
    undecided: dict[str, int]
    shown: list[dict[str, Any]]

    def to_dict(self) -> dict[str, Any]:
        return {**self.__dict__, "zone": "restricted"}


def read_warnings(
    settings: Settings, region: str | None = None, school_year: str | None = None, levels: tuple[str, ...] = ()
) -> Warnings:
    """The early warnings of a region in a school year (by default the only region with exams, its newest year); rows of
    `levels` are shown, warnings and notices unless others are asked for. Raises SchoolhouseError for a level, a region
    or a year that is not there.
    """
    levels = levels or ("warning", "notice")
    if wrong := [level for level in levels if level not in LEVELS]:
        raise SchoolhouseError(
            f"no such level: {wrong[0]}",
            f"没有这个等级:{wrong[0]}",
            fix_en=f"use {', '.join(LEVELS)}",
            fix_zh=f"可用:{'、'.join(LEVELS)}",
        )
    with open_zone(settings, "restricted") as con:
        known = con.execute(_YEARS).fetchall()
        regions = sorted({r for r, _ in known})
        region = region or (regions[0] if len(regions) == 1 else None)
        years = [y for r, y in known if r == region]
        if region is None or not years or school_year not in (None, *years):
            raise _not_there(region, school_year, regions, years)
        year = school_year or years[-1]
        found = con.execute(_ROWS, [region, year])
        columns = [c[0] for c in found.description or []]
        rows = [dict(zip(columns, row, strict=True)) for row in found.fetchall()]
    counts = Counter(r["warning_level"] for r in rows)
    undecided = Counter(r["undecided_code"] for r in rows if r["undecided_code"])
    return Warnings(
        region,
        year,
        {level: counts[level] for level in LEVELS},
        dict(sorted(undecided.items())),
        [r for r in rows if r["warning_level"] in levels],
    )


def _not_there(region: str | None, year: str | None, regions: list[str], years: list[str]) -> SchoolhouseError:
    if region is None or not years:
        listed = ", ".join(regions) or "none"
        return SchoolhouseError(
            f"which region? regions with exams: {listed}" if region is None else f"no exam of region {region}",
            f"请指明行政区划代码,有考试的地区:{listed}" if region is None else f"{region} 没有考试数据",
            fix_en=f"use --region with one of: {listed}",
            fix_zh=f"使用 --region,可用:{listed}",
        )
    return SchoolhouseError(
        f"region {region} has no exam in {year}",
        f"{region} 在 {year} 学年没有考试",
        fix_en=f"years: {', '.join(years)}",
        fix_zh=f"可用学年:{'、'.join(years)}",
    )
