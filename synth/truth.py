"""The right answers, counted from the latent county. Nothing here reads a file or shares a formula with a warehouse."""

from __future__ import annotations

import math
from fractions import Fraction

import pandas as pd

from synth.county import County
from synth.exams import CUT_SHARES, SCORED, SUBJECTS, full_mark
from synth.money import ADJUSTED, FINAL, INITIAL, PAID
from synth.schools import COMPULSORY, JUNIOR, PRIMARY, TEACHING_POINT, stage_of
from synth.sitting_truth import planned, sitting_rows
from synth.staff import PE_ART_SUBJECTS, QUALIFICATIONS, TEACHER

LATENT, RECEIVED = "latent", "received"
ALL = "_all"
KEYS = ["region_code", "period_id", "entity_type", "entity_id", "stage", "grade", "subject", "group_code", "measure"]
COLUMNS = [*KEYS, "value", "basis"]
RATIOS = {
    "above_required_edu_teachers": ("res_above_required_edu_teachers_per100", "above_required_teacher_count", 100),
    "backbone_teachers": ("res_backbone_teachers_per100", "backbone_teacher_count", 100),
    "pe_art_teachers": ("res_pe_art_teachers_per100", "pe_art_teacher_count", 100),
    "teaching_area": ("res_teaching_area_per_student", "teaching_auxiliary_area_net_m2", 1),
    "sports_area": ("res_sports_area_per_student", "sports_area_m2", 1),
    "equipment_value": ("res_equipment_value_per_student", "equipment_value_yuan", 1),
    "multimedia_rooms": ("res_multimedia_rooms_per100", "multimedia_room_count", 100),
    "ft_teachers": ("sup_ft_teachers_per100", "ft_teacher_count", 100),
    "postgraduate_teachers": ("sup_postgraduate_teachers_per100", "postgraduate_teacher_count", 100),
}
_SEVEN = tuple(item for item, (indicator, *_) in RATIOS.items() if indicator.startswith("res_"))
_SMALL_POINT = 50  # pupils under which some provinces leave a teaching point out of the coefficient


def tell_measures(county: County) -> pd.DataFrame:
    """Measures and the indicators that are told of sections, schools and exams; columns as COLUMNS. `value` is text:
    exact for counts, sums and money, the shortest exact float for rates."""
    sections = section_figures(county)
    parts = [
        _resources(sections), _dispersion(sections), _exams(county), sitting_rows(county), _monitoring(county.scores),
        _money(county),
    ]  # fmt: skip
    table = pd.concat(parts, ignore_index=True)
    table["region_code"] = county.region_code
    table["basis"] = LATENT
    table.loc[table["entity_type"] == "county", "entity_id"] = county.region_code
    table["grade"] = table["grade"].astype("Int64").astype("string")
    for column in KEYS:
        table[column] = table[column].fillna(ALL).astype(str)
    return table[COLUMNS]


def _number(value: Fraction | int) -> str:
    """Exact decimal text of a number whose denominator is 1, 2, 4 or 100."""
    value = Fraction(value)
    if value.denominator == 1:
        return str(value.numerator)
    scaled = value * 10000
    if scaled.denominator != 1:
        raise ArithmeticError(f"{value} is no decimal of four places")
    whole, part = divmod(abs(scaled.numerator), 10000)
    return ("-" if value < 0 else "") + f"{whole}.{part:04d}".rstrip("0")


def _told(value: Fraction | int) -> str:
    whole = Fraction(value)
    return str(whole.numerator) if whole.denominator == 1 else repr(float(whole))


def section_figures(county: County) -> pd.DataFrame:
    """Figures of each compulsory section, money in yuan and areas in m2 as fractions."""
    keys, staff = ["year", "school", "stage"], county.staff
    t = staff.loc[(staff["post"] == TEACHER) & staff["stage"].isin(COMPULSORY)]
    lowest = t["stage"].map({PRIMARY: 1, JUNIOR: 2})  # 专科 and above, 本科 and above
    flags = t[keys].assign(
        ft_teacher_count=1,
        above_required_teacher_count=(t["quality"] >= lowest).astype(int),
        pe_art_teacher_count=t["main_subject"].isin(PE_ART_SUBJECTS).astype(int),
        postgraduate_teacher_count=(t["quality"] == QUALIFICATIONS.index("硕士研究生")).astype(int),
        backbone_teacher_count=t["backbone"].astype(int),
    )
    counted = flags.groupby(keys, as_index=False).sum()
    roll = county.pupils.years.merge(county.pupils.persons[["pupil", "is_female"]], on="pupil")
    heads = (
        roll.loc[roll["stage"].isin(COMPULSORY)]
        .groupby(keys, as_index=False)
        .agg(student_count=("pupil", "size"), female_student_count=("is_female", "sum"))
    )
    s = county.sections[[*keys, "classes", "entrants", "graduates", "staff", "classroom_count", "multimedia_room_count",
                         "auxiliary_c", "indoor_c", "ground_c", "equipment_h"]]  # fmt: skip
    s = s.rename(
        columns={"classes": "class_count", "entrants": "entrant_count", "graduates": "graduate_count",
                 "staff": "staff_count"}
    )  # fmt: skip
    s = s.merge(heads, on=keys).merge(counted, on=keys)
    s = s.merge(county.schools[["school", "code", "is_urban", "type_code"]], on="school")
    s["teaching_auxiliary_area_net_m2"] = [Fraction(v, 100) for v in (s["auxiliary_c"] - s["indoor_c"]).tolist()]
    s["sports_area_m2"] = [Fraction(v, 100) for v in (s["ground_c"] + s["indoor_c"]).tolist()]
    s["equipment_value_yuan"] = [v * 100 for v in s["equipment_h"].tolist()]
    return s.drop(columns=["auxiliary_c", "indoor_c", "ground_c", "equipment_h"])


_MEASURES = (
    "student_count", "female_student_count", "class_count", "entrant_count", "graduate_count", "staff_count",
    "ft_teacher_count", "above_required_teacher_count", "pe_art_teacher_count", "postgraduate_teacher_count",
    "backbone_teacher_count", "classroom_count", "multimedia_room_count", "teaching_auxiliary_area_net_m2",
    "sports_area_m2", "equipment_value_yuan",
)  # fmt: skip


def _resources(s: pd.DataFrame) -> pd.DataFrame:
    s = s.assign(group=s["is_urban"].map({True: "urban", False: "rural"}), county="county")
    rows = []
    for entity_type, column in (("section", "code"), ("county", "county"), ("urban_rural", "group")):
        for (year, entity, stage), part in s.groupby(["year", column, "stage"], sort=True):
            totals = {m: sum(part[m].tolist()) for m in _MEASURES}
            base = {"period_id": f"{year}-{year + 1}", "entity_type": entity_type, "entity_id": entity, "stage": stage}
            rows += [{**base, "measure": m, "value": _number(v)} for m, v in totals.items()]
            for indicator, numerator, scale in RATIOS.values():
                ratio = Fraction(totals[numerator]) * scale / totals["student_count"]
                rows.append({**base, "measure": indicator, "value": repr(float(ratio))})
    return pd.DataFrame(rows)


def _coefficient(x: list[Fraction], p: list[int], scale: int) -> float:
    """S / X of the national method: S weighted by pupils, population form, around the county's ratio."""
    total = sum(p)
    mean = sum(x, Fraction(0)) * scale / total
    variance = sum((Fraction(w, total) * (a * scale / w - mean) ** 2 for a, w in zip(x, p, strict=True)), Fraction(0))
    return math.sqrt(variance) / float(mean)


def _dispersion(s: pd.DataFrame) -> pd.DataFrame:
    """Coefficients over all sections, and once more without teaching points of fewer than 50 pupils."""
    rows = []
    tiny = (s["type_code"] == TEACHING_POINT) & (s["student_count"] < _SMALL_POINT)
    for group, part in ((ALL, s), ("without_small_teaching_points", s.loc[~tiny])):
        for (year, stage), sections in part.groupby(["year", "stage"], sort=True):
            base = {"period_id": f"{year}-{year + 1}", "entity_type": "county", "stage": stage, "group_code": group}
            found: dict[str, float] = {}
            for item, (indicator, numerator, scale) in RATIOS.items():
                x = [Fraction(v) for v in sections[numerator].tolist()]
                found[item] = _coefficient(x, sections["student_count"].tolist(), scale)
                rows.append({**base, "measure": f"{indicator[:3]}_cv_{item}", "value": repr(found[item])})
            mean = math.fsum(found[item] for item in _SEVEN) / len(_SEVEN)
            rows.append({**base, "measure": "res_cv_composite", "value": repr(mean)})
    return pd.DataFrame(rows)


def _exams(county: County) -> pd.DataFrame:
    info, scores = county.schools.set_index("school"), county.scores
    scores = scores.assign(
        code=scores["school"].map(info["code"]),
        group=scores["school"].map(info["is_urban"]).map({True: "urban", False: "rural"}),
        county="county",
    )
    rows = []
    for subject in SUBJECTS:
        sat = scores.loc[scores[f"{subject}_status"] != ""]
        half = sat[f"{subject}_h"]
        full = sat["grade"].map({g: full_mark(g, subject) for g in range(1, 10)})
        scored = sat[f"{subject}_status"] == SCORED
        # Half points against hundredths of the full mark: 50 x half with share x full, in whole numbers.
        flags = sat[["year", "code", "group", "county", "grade"]].assign(
            exam_roll_count=1,
            exam_scored_count=scored.astype(int),
            exam_absent_count=(sat[f"{subject}_status"] == "absent").astype(int),
            half_sum=half.where(scored, 0),
            half_sumsq=(half * half).where(scored, 0),
        )
        for name, share in CUT_SHARES.items():
            meets = 50 * half < share * full if name == "low" else 50 * half >= share * full
            flags[f"exam_{name}_count"] = (meets & scored).astype(int)
        for entity_type, column in (("school", "code"), ("county", "county"), ("urban_rural", "group")):
            grouped = flags.groupby(["year", column, "grade"], sort=True).sum(numeric_only=True).reset_index()
            rows += [_exam_rows(r, entity_type, column, subject) for r in grouped.to_dict("records")]
    return pd.DataFrame([line for lines in rows for line in lines])


def _exam_rows(r: dict, entity_type: str, column: str, subject: str) -> list[dict[str, object]]:
    base = {
        "period_id": f"{r['year']}-{r['year'] + 1}",
        "entity_type": entity_type,
        "entity_id": r[column],
        "stage": PRIMARY if r["grade"] <= 6 else JUNIOR,
        "grade": r["grade"],
        "subject": subject,
    }
    values = {k: _number(int(v)) for k, v in r.items() if k.startswith("exam_")}
    values["exam_score_sum"] = _number(Fraction(int(r["half_sum"]), 2))
    values["exam_score_sumsq"] = _number(Fraction(int(r["half_sumsq"]), 4))
    n = int(r["exam_scored_count"])
    if n:
        values["exm_mean_score"] = repr(float(Fraction(int(r["half_sum"]), 2 * n)))
        for name, indicator in (
            ("excellent", "exm_excellent_rate"),
            ("pass", "exm_pass_rate"),
            ("low", "exm_low_score_rate"),
        ):
            values[indicator] = repr(float(Fraction(int(r[f"exam_{name}_count"]) * 100, n)))
    return [{**base, "measure": m, "value": v} for m, v in values.items()]


def _monitoring(scores: pd.DataFrame) -> pd.DataFrame:
    """The plan of the monitoring: rounds a grade, subjects of the grade with most, share of the planned tests held.

    A project year runs from March, so the examination of June belongs to the project year of its calendar year.
    """
    rows = []
    for year, sat in scores.groupby("year", sort=True):
        tests = pd.concat(
            [sat.loc[sat[f"{s}_status"] != "", ["grade", f"{s}_status"]].set_axis(["grade", "status"], axis=1).assign(
                subject=s) for s in SUBJECTS],
            ignore_index=True,
        )  # fmt: skip
        tests["stage"] = stage_of(tests["grade"])
        held = tests.assign(held=tests["status"] == SCORED).groupby(["stage", "grade", "subject"])["held"].any()
        for stage, of_stage in held.groupby("stage", sort=True):
            due = planned(int(year), str(stage), len(of_stage))  # type: ignore[call-overload]
            figures = {
                "exm_monitor_rounds": 1,
                "exm_monitor_subjects": int(of_stage.groupby("grade").size().max()),
                "exm_monitor_completion_rate": Fraction(100 * int(of_stage.sum()), due),
            }
            base = {"period_id": str(int(year) + 1), "entity_type": "county", "stage": stage}  # type: ignore[call-overload]
            rows += [{**base, "measure": m, "value": _told(v)} for m, v in figures.items()]
    return pd.DataFrame(rows)


def _money(county: County) -> pd.DataFrame:
    rows = []
    for year, lines in county.money.groupby("year", sort=True):
        base = {"period_id": str(year), "entity_type": "county"}
        for measure, group, column in (
            ("budget_yuan", INITIAL, "initial"), ("budget_yuan", ADJUSTED, "adjusted"),
            ("executed_yuan", PAID, "paid"), ("executed_yuan", FINAL, "final"),
        ):  # fmt: skip
            amounts = {group: int(lines[column].sum())}
            for category, amount in lines.groupby("category", sort=True)[column].sum().items():
                amounts[f"{group}|{category}"] = int(amount)
            rows += [{**base, "group_code": g, "measure": measure, "value": str(v * 100)} for g, v in amounts.items()]
        total = int(lines["final"].sum())
        rows.append({**base, "measure": "edu_expenditure_yuan", "value": str(total * 100)})
    return pd.DataFrame(rows)
