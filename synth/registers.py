"""The bureau's registers beside the files: explanations of what the gate will find, and the two approvals of a year."""

from __future__ import annotations

from pathlib import Path

import pandas as pd

from synth.county import County
from synth.defects import SEVERAL, Defect

# Posts, not people: nobody of this name exists.
STATISTICS_OFFICER, BUREAU_LEADER = "青禾统计岗甲(虚构)", "青禾分管岗乙(虚构)"
EXPLANATION_COLUMNS = (
    "region_code", "school_year", "check_id", "entity_type", "entity_id", "reason_code", "text_zh", "signer",
    "signed_on",
)  # fmt: skip
APPROVAL_COLUMNS = ("region_code", "school_year", "role", "approver", "decision", "decided_on", "comment")

# What the office answers, by check: reason code and text.
ANSWERS = {
    "row_rejects": ("row_rejected_by_rule", "该行录入有误,已退回学校更正,本版不计入,影响1名学生。"),
    "unknown_files": ("not_a_report", "经核对:传输中断的成绩表已另行完整报送;采购清单为学校误放,与统计无关。"),
    "roster_vs_report": ("staff_change", "1名教师9月办理调动手续,教师信息未及时登记,以教师信息为准。"),
    "total_row_mismatch": ("arithmetic_slip", "合计行手工填写有误,各校分行数据核对无误。"),
    "school_missing_in_exam": ("not_examined", "该校因校舍维修停课,未参加本次监测。"),
    "year_on_year_change": ("new_housing", "安置小区交付使用,转入学生属实,已核对学籍。"),
}
# Even a county without a fault must say why growth since a plan's baseline is nothing in the baseline year itself.
BASELINE_YEAR = 2023
BASELINE = (
    "published_flat",
    "metric",
    "pub_indicator_value/tch_pe_music_art_added",
    "baseline_year",
    "本学年为基线年,增量为零属实。",
)

# The senior schools' last year sits the general entrance examination; the vocational one is not theirs to sit.
OTHER_EXAM = ("school_missing_in_exam", "school_grade", "not_examined", "该校高三学生参加普通高考,不参加三校生高考。")

# Counted for the county as a whole: the figure is the same in every scope of stages in which it is shown.
WHOLE_COUNTY = ("sat_trainee_satisfaction", "tch_leader_studio_members")
_WHOLE = ("county_figure", "该指标按全县统计,各学段范围为同一数值,属实。")


def write_registers(folder: Path, county: County, defects: list[Defect]) -> None:
    """Writes `explanations.csv` and `approvals.csv` of a county."""
    rows = [
        (
            d.region_code,
            year,
            d.check_id,
            d.entity_type,
            entity,
            *ANSWERS[d.check_id],
            STATISTICS_OFFICER,
            f"{year[5:]}-09-20",
        )
        for d in defects
        if d.check_id in ANSWERS
        for year in d.school_year.split(SEVERAL)
        for entity in d.entity_id.split(SEVERAL)
    ]
    if BASELINE_YEAR in county.years:
        span = f"{BASELINE_YEAR}-{BASELINE_YEAR + 1}"
        rows.append((county.region_code, span, *BASELINE, STATISTICS_OFFICER, f"{span[5:]}-09-20"))
    senior = county.schools.loc[county.schools["senior_weight"] > 0, "code"]
    check, entity, reason, text = OTHER_EXAM
    for year in county.years:
        span = f"{year}-{year + 1}"
        signed = (STATISTICS_OFFICER, f"{span[5:]}-09-20")
        rows += [(county.region_code, span, check, entity, f"{code}/12", reason, text, *signed) for code in senior]
        rows += [
            (county.region_code, span, "published_flat", "metric", f"pub_indicator_value/{name}", *_WHOLE, *signed)
            for name in WHOLE_COUNTY
        ]
    explanations = pd.DataFrame(rows, columns=EXPLANATION_COLUMNS).drop_duplicates(list(EXPLANATION_COLUMNS[:5]))
    _write(folder / "explanations.csv", explanations)
    approvals = [
        (county.region_code, f"{y}-{y + 1}", role, who, "approve", f"{y + 1}-10-{day}", comment)
        for y in county.years
        for role, who, day, comment in (
            ("statistics_officer", STATISTICS_OFFICER, 12, "数据核对完毕"),
            ("bureau_leader", BUREAU_LEADER, 15, "同意发布"),
        )
    ]
    _write(folder / "approvals.csv", pd.DataFrame(approvals, columns=APPROVAL_COLUMNS))


def _write(path: Path, frame: pd.DataFrame) -> None:
    path.write_bytes(frame.to_csv(index=False, lineterminator="\n").encode("utf-8"))
