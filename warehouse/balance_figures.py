"""What an assessment is computed from: counts, areas and money of each section, people, registers, limits and legs."""

# pyright: reportAttributeAccessIssue=false, reportArgumentType=false, reportReturnType=false, reportCallIssue=false
# pyright: reportGeneralTypeIssues=false

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import duckdb
import pandas as pd

# Amount and scale of the seven items, from the columns of `Figures.sections`. Kept apart from the models' own list on
# purpose: a wrong column there must not be wrong here too.
ITEMS: dict[str, tuple[str, int, str]] = {
    "above_required_edu_teachers": ("above_required_teacher_count", 100, "res_above_required_edu_teachers_per100"),
    "backbone_teachers": ("backbone_teacher_count", 100, "res_backbone_teachers_per100"),
    "pe_art_teachers": ("pe_art_teacher_count", 100, "res_pe_art_teachers_per100"),
    "teaching_area": ("teaching_area_m2", 1, "res_teaching_area_per_student"),
    "sports_area": ("sports_area_m2", 1, "res_sports_area_per_student"),
    "equipment_value": ("equipment_value_yuan", 1, "res_equipment_value_per_student"),
    "multimedia_rooms": ("multimedia_room_count", 100, "res_multimedia_rooms_per100"),
}
STAGES = ("primary", "junior")
# What a section has, as it was counted: the columns a what-if may set.
MEASURES = (
    "student_count",
    "above_required_teacher_count",
    "backbone_teacher_count",
    "pe_art_teacher_count",
    "teaching_auxiliary_area_m2",
    "indoor_sports_area_m2",
    "sports_ground_area_m2",
    "equipment_value_yuan",
    "multimedia_room_count",
)

# Of the school report: the school's own attributes, and what a section has before teachers are counted.
_OF_REPORT = (
    "f.school_code",
    "d.school_name",
    "f.stage",
    "d.school_type_code",
    "d.ownership",
    "d.is_teaching_point",
    "f.student_count",
    "f.teaching_auxiliary_area_m2",
    "f.indoor_sports_area_m2",
    "f.sports_ground_area_m2",
    "f.equipment_value_yuan",
    "f.multimedia_room_count",
)


@dataclass(frozen=True)
class Figures:
    """Inputs of one region's assessment in one school year.

    `sections`: school_code, school_name, stage, school_type_code, ownership, is_teaching_point, is_eligible and
    MEASURES; `exclusions`: the rules of who is not assessed; `thresholds`: (indicator, stage) -> the
    strictest level that binds; `legs`: a dict a leg with its limit; `leg_values`: (leg_id, stage) -> figures with the
    reason of a missing one, for the legs that do not rest on the seven items; `costs`: item -> yuan a unit.
    """

    region: str
    school_year: str
    sections: pd.DataFrame
    exclusions: list[dict[str, Any]]
    thresholds: Mapping[tuple[str, str], Any]
    floor: Any
    halls_apart: bool
    legs: list[dict[str, Any]]
    leg_values: Mapping[tuple[str, str], list[tuple[float | None, str]]]
    costs: Mapping[str, Any]


def read_figures(con: duckdb.DuckDBPyConnection, region: str, school_year: str) -> Figures:
    """Read the inputs from a build's own database. Raises duckdb.Error where a table is not there."""
    reader = _Reader(con, region, school_year)
    parameters = reader.parameters()
    sections = reader.sections()
    scopes = reader.pairs("select stage_scope, stage from stage_scope")
    national, binding = reader.limits(scopes, national=True), reader.limits(scopes, national=False)
    legs = reader.legs(scopes, national, binding)
    return Figures(
        region=region,
        school_year=school_year,
        sections=sections[sections["stage"].isin(STAGES)].reset_index(drop=True),
        exclusions=reader.exclusions(),
        thresholds={(code, stage): v for (code, stage, judge), v in binding.items() if judge == "at_least"},
        floor=parameters.get("unmet_item_floor"),
        halls_apart=parameters.get("exclude_indoor_sports_from_1_4") == 1,
        legs=legs,
        leg_values=reader.leg_values(legs, sections, scopes),
        costs=reader.costs(parameters),
    )


def read_assessed(con: duckdb.DuckDBPyConnection, region: str, school_year: str) -> set[tuple[str, str]]:
    """(school_code, stage) of the sections that are assessed: balance_exclusion applied to the school reports."""
    reader = _Reader(con, region, school_year)
    rules = reader.exclusions()
    return {(s["school_code"], s["stage"]) for s in reader.schools() if _is_assessed(s, rules)}


def choose_assessed(sections: pd.DataFrame, exclusions: list[dict[str, Any]]) -> list[bool]:
    """Whether each section is assessed: it has pupils, and no rule leaves it out."""
    return [_is_assessed(section, exclusions) for section in sections.to_dict("records")]


class _Reader:
    def __init__(self, con: duckdb.DuckDBPyConnection, region: str, school_year: str) -> None:
        self._con = con
        self._bounds = {"region": region, "school_year": school_year}
        edition = self._records(
            "select statistics_date, as_of_date from dim_edition where region_code = $region"
            " and school_year = $school_year"
        )
        self._day, self._as_of = (pd.Timestamp(v) for v in edition[0].values()) if edition else (pd.NaT, pd.NaT)

    def _frame(self, query: str) -> pd.DataFrame:
        named = {k: v for k, v in self._bounds.items() if f"${k}" in query}
        return self._con.execute(query, named).df()

    def _records(self, query: str) -> list[dict[str, Any]]:
        named = {k: v for k, v in self._bounds.items() if f"${k}" in query}
        result = self._con.execute(query, named)
        columns = [c[0] for c in result.description]
        return [dict(zip(columns, row, strict=True)) for row in result.fetchall()]

    def pairs(self, query: str) -> dict[str, list[str]]:
        found: dict[str, list[str]] = {}
        for row in self._records(query):
            key, value = row.values()
            found.setdefault(key, []).append(value)
        return found

    def _in_force(self, row: Mapping[str, Any]) -> bool:
        last = pd.Timestamp(row["valid_to"] or "2262-01-01")
        return pd.Timestamp(row["valid_from"]) <= self._day <= last

    def parameters(self) -> dict[str, Any]:
        """Named parameters in force on the statistics date."""
        rows = self._records(
            "select parameter_code, cast(value as varchar) as value, valid_from, valid_to from parameter"
        )
        return {r["parameter_code"]: _number(r["value"]) for r in rows if self._in_force(r)}

    def costs(self, parameters: Mapping[str, Any]) -> dict[str, Any]:
        rows = self._records("select item_code, unit_cost_parameter, is_money from balance_item")
        return {r["item_code"]: 1 if r["is_money"] == "yes" else parameters.get(r["unit_cost_parameter"]) for r in rows}

    def sections(self) -> pd.DataFrame:
        """Every section of the year with what it has, and whether it is assessed."""
        rows = self._records(
            f"select {', '.join(_OF_REPORT)}, f.backbone_teacher_count as reported_backbone_count"
            " from fct_school_resource_snapshot f join dim_school d using (school_code, school_year)"
            " where f.region_code = $region and f.school_year = $school_year order by f.stage, f.school_code"
        )
        columns = [*(c.split(".")[1] for c in _OF_REPORT), "reported_backbone_count"]
        frame = pd.DataFrame(rows, columns=columns, dtype=object)
        counts = self._teacher_counts()
        rosters = {school for school, _ in counts}
        for column, position in (("above_required_teacher_count", 0), ("pe_art_teacher_count", 1)):
            frame[column] = pd.Series(
                [
                    counts.get((s, g), (0, 0, 0))[position] if s in rosters else None
                    for s, g in zip(frame["school_code"], frame["stage"], strict=True)
                ],
                dtype=object,
            )
        registered = bool(
            self._records("select 1 as n from fct_teacher_honour_person where region_code = $region limit 1")
        )
        frame["backbone_teacher_count"] = pd.Series(
            [
                said if not registered else counts.get((s, g), (0, 0, 0))[2] if s in rosters else None
                for s, g, said in zip(
                    frame["school_code"], frame["stage"], frame["reported_backbone_count"], strict=True
                )
            ],
            dtype=object,
        )
        frame["is_eligible"] = choose_assessed(frame, self.exclusions())
        return frame

    def _teacher_counts(self) -> dict[tuple[str, str], tuple[int | None, int, int]]:
        """(school, stage) -> full-time teachers above the required qualification, of PE and arts, and backbone."""
        teachers = self._frame(
            "select teacher_key, school_code, stage, is_full_time_teacher, qualification_rank, is_pe_art"
            " from fct_teacher_snapshot_person where region_code = $region and school_year = $school_year"
        )
        honours = self._frame(
            "select teacher_key, title, level, awarded_on, valid_until from fct_teacher_honour_person"
            " where region_code = $region"
        )
        titles = {r["title"] for r in self._records("select title from backbone_title")}
        levels = {
            r["level"]
            for r in self._records("select level, is_county_level from honour_level")
            if r["is_county_level"] == "yes"
        }
        valid = (
            honours["title"].isin(titles)
            & honours["level"].isin(levels)
            & (pd.to_datetime(honours["awarded_on"]) <= self._day)
            & (honours["valid_until"].isna() | (pd.to_datetime(honours["valid_until"]) >= self._day))
        )
        holders = set(honours.loc[valid, "teacher_key"])
        ranks = {
            r["stage"]: r["above_required_min_rank"]
            for r in self._records("select stage, above_required_min_rank, valid_from, valid_to from stage_requirement")
            if self._in_force(r)
        }
        found: dict[tuple[str, str], tuple[int | None, int, int]] = {}
        for (school, stage), group in teachers.groupby(["school_code", "stage"]):
            full = group[group["is_full_time_teacher"].fillna(False).astype(bool)]
            rank = ranks.get(str(stage))
            above = None if rank is None else int((full["qualification_rank"] >= rank).sum())
            arts = int(full["is_pe_art"].fillna(False).astype(bool).sum())
            found[str(school), str(stage)] = above, arts, int(full["teacher_key"].drop_duplicates().isin(holders).sum())
        return found

    def schools(self) -> list[dict[str, Any]]:
        """Sections with what the rules of exclusion ask of them."""
        return self._records(
            "select f.school_code, f.stage, f.student_count, d.school_type_code, d.ownership, d.is_teaching_point"
            " from fct_school_resource_snapshot f join dim_school d using (school_code, school_year)"
            " where f.region_code = $region and f.school_year = $school_year"
        )

    def exclusions(self) -> list[dict[str, Any]]:
        """The rules of the nearest region that has any, in force on the statistics date."""
        rows = self._records("select * from balance_exclusion")
        region = self._bounds["region"]
        for code in (region, region[:4] + "00", region[:2] + "0000", "000000"):
            if own := [r for r in rows if r["region_code"] == code]:
                return [r for r in own if self._in_force(r)]
        return []

    def limits(self, scopes: Mapping[str, list[str]], *, national: bool) -> dict[tuple[str, str, str], Any]:
        """(indicator, single stage, judge) -> the strictest limit in force, of the national method or of all plans."""
        found: dict[tuple[str, str, str], Any] = {}

        def note(code: str, stage: str, judge: str, number: Any) -> None:
            stricter = min if judge == "at_most" else max
            key = code, stage, judge
            found[key] = stricter(found[key], number) if key in found else number

        for r in self._records("select * from national_standard"):
            if self._in_force(r):
                note(r["indicator_code"], r["stage"], r["judge"], _number(r["standard_value"]))
        bound = {
            r["document_code"]
            for r in self._records(
                "select document_code, valid_from, valid_to from dim_plan_binding where region_code = $region"
            )
            if pd.Timestamp(r["valid_from"]) <= self._as_of and self._day <= pd.Timestamp(r["valid_to"])
        }
        judges = {"at_least": "at_least", "at_most": "at_most"} | ({"all_entities": "at_least"} if national else {})
        for r in self._records("select * from policy_targets where urban_rural = 'all'"):
            spans = pd.Timestamp(r["period_start"]) <= self._day <= pd.Timestamp(r["period_end"])
            if r["judge"] not in judges or r["document_code"] not in bound or not spans:
                continue
            if national and r["document_code"] != "national":
                continue
            for stage in scopes.get(r["stage"], []):
                note(r["indicator_code"], stage, judges[r["judge"]], _number(r["value_num"]))
        return found

    def legs(
        self,
        scopes: Mapping[str, list[str]],
        national: Mapping[tuple[str, str, str], Any],
        binding: Mapping[tuple[str, str, str], Any],
    ) -> list[dict[str, Any]]:
        """Legs by the scope they are judged in, with limit_value, affirmed and applies."""
        affirmed = self._attestations()
        kinds = self._kinds()
        found = []
        for row in self._records("select * from balance_leg order by cast(sort_order as integer)"):
            by_stage = row["is_by_stage"] == "yes"
            for stage in scopes[row["stage_scope"]] if by_stage else [row["stage_scope"]]:
                judge = "at_least" if row["comparison"] == "at_least" else "at_most"
                limit = None
                for source in (national, binding):
                    numbers = [source[k] for s in scopes[stage] if (k := (row["indicator_code"], s, judge)) in source]
                    if limit is None and numbers:
                        limit = min(numbers) if judge == "at_most" else max(numbers)
                population = row["population"] or (stage if by_stage else None)
                found.append(
                    row
                    | {
                        "stage": stage,
                        "sort_order": int(row["sort_order"]),
                        "limit_value": limit,
                        "needs_declaration": row["needs_declaration"] == "yes",
                        "affirmed": affirmed.get(row["indicator_code"]),
                        "applies": population is None or population in kinds,
                    }
                )
        return found

    def _attestations(self) -> dict[str, bool]:
        rows = self._records(
            "select indicator_code, is_affirmed, attested_on, evidence_no from fct_attestation"
            " where region_code = $region and entity_code = $region and school_year = $school_year"
            " and is_affirmed is not null"
        )
        rows.sort(key=lambda r: (str(r["attested_on"] or ""), str(r["evidence_no"] or "")))
        return {r["indicator_code"]: bool(r["is_affirmed"]) for r in rows}

    def _kinds(self) -> set[str]:
        rows = self._records(
            "select distinct f.stage, d.is_combined from fct_school_resource_snapshot f"
            " join dim_school d using (school_code, school_year)"
            " where f.region_code = $region and f.school_year = $school_year"
        )
        compulsory = [r for r in rows if r["stage"] in STAGES]
        return {r["stage"] for r in rows} | {"combined" if r["is_combined"] else "independent" for r in compulsory}

    def leg_values(
        self, legs: list[dict[str, Any]], sections: pd.DataFrame, scopes: Mapping[str, list[str]]
    ) -> dict[tuple[str, str], list[tuple[float | None, str]]]:
        """Figures of the legs that rest on other indicators than the seven items."""
        values = self._frame(
            "select v.indicator_code, v.entity_type, v.entity_id, v.stage, v.value, v.status"
            " from fct_indicator_value v join int_edition_indicator e on e.indicator_code = v.indicator_code"
            " and e.region_code = v.region_code and e.period_type = v.period_type and e.period_id = v.period_id"
            " where v.region_code = $region and e.school_year = $school_year and v.urban_rural = 'all'"
            " and v.grade = '_all' and v.subject = '_all' and v.exam_id = '_all' and v.group_code = '_all'"
        )
        keys = zip(values["indicator_code"], values["entity_type"], values["entity_id"], values["stage"], strict=True)
        known = dict(zip(keys, zip(values["value"], values["status"], strict=True), strict=True))
        found: dict[tuple[str, str], list[tuple[float | None, str]]] = {}
        for leg in legs:
            key = leg["leg_id"], leg["stage"]
            code, region = leg["indicator_code"], self._bounds["region"]
            county = known.get((code, "county", region, leg["stage"]), (None, "not_reported"))
            if leg["level"] == "county":
                found[key] = [_figure(county)]
            elif leg["level"] == "monitoring":
                found[key] = self._monitored(leg["stage"])
            elif leg["level"] == "school":
                mine = sections[sections["stage"].isin(scopes[leg["stage"]])]
                if leg["ownership"]:
                    mine = mine[mine["ownership"] == leg["ownership"]]
                others = ~mine["stage"].isin(STAGES) & (mine["student_count"].astype(float) > 0)
                schools = sorted(set(mine.loc[mine["is_eligible"].astype(bool) | others, "school_code"]))
                none = (0.0, "") if leg["absent"] == "zero" and not pd.isna(county[0]) else (None, "not_reported")
                found[key] = [_figure(known.get((code, "school", s, leg["stage"]), none)) for s in schools]
        return found

    def _monitored(self, stage: str) -> list[tuple[float | None, str]]:
        """Difference rates that the national report of the school year gives; one blank where there is none."""
        start = int(self._bounds["school_year"][:4])
        first, last = pd.Timestamp(start, 9, 1), pd.Timestamp(start + 1, 8, 31)
        rows = [
            r
            for r in self._records("select * from fct_national_monitoring where region_code = $region")
            if r["stage"] == stage and first <= pd.Timestamp(r["monitored_on"] or f"{r['calendar_year']}-05-31") <= last
        ]
        rates = [None if r["difference_rate"] is None else float(r["difference_rate"]) for r in rows]
        return [(rate, "awaiting_report") for rate in rates] or [(None, "awaiting_report")]


def _figure(pair: tuple[Any, str]) -> tuple[float | None, str]:
    return (None if pair[0] is None or pd.isna(pair[0]) else float(pair[0])), pair[1]


def _number(text: object) -> Any:
    """A figure of a seed as a decimal, exactly as it is written."""
    from decimal import Decimal

    return None if text is None else Decimal(str(text)).normalize()


def _is_assessed(section: Mapping[str, Any], rules: list[dict[str, Any]]) -> bool:
    pupils = section["student_count"]
    if pupils == 0:
        return False
    return not any(
        (r["school_type_code"] is None or r["school_type_code"] == section["school_type_code"])
        and (r["ownership"] is None or r["ownership"] == section["ownership"])
        and (r["is_teaching_point"] is None or (r["is_teaching_point"] == "yes") == bool(section["is_teaching_point"]))
        and (r["below_pupils"] is None or (pupils is not None and pupils < r["below_pupils"]))
        for r in rules
    )
