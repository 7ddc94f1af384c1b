"""A small house for the gate: a build with the tables the checks read, made by this file's own SQL and figures."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import duckdb
import sqlalchemy as sa

from expectations import GateResult, run_gate
from expectations.catalogue import Check, load_checks
from tests.expectations import balance
from tests.expectations.facts import PARTS
from warehouse import ledger as l
from warehouse.settings import Settings

REGION, NEIGHBOUR = "990201", "990202"
YEAR, PRIOR, FISCAL = "2023-2024", "2022-2023", "2023"
BUILD = "b0000000000000ff"
EXAM = "00000000000000aa"
SOURCES = ("school_report", "teacher_roster", "exam_parameters", "exam_scores", "budget_lines", "budget_execution")

# Two schools of the town, one of the country; pupils, teachers and sports grounds chosen by hand.
_SCHOOLS = """
create table dim_school as
select md5(school_code || school_year) as school_key, school_code, school_year, region_code,
       '学校' || school_code as school_name,
       '211' as school_type_code, '小学' as school_type, code as urban_rural_code, is_urban, '公办' as ownership,
       false as is_teaching_point
from (values ('2199020001', '{region}', '111', true), ('2199020002', '{region}', '121', true),
             ('2199020003', '{region}', '220', false), ('2199030001', '{other}', '111', true))
     as s (school_code, region_code, code, is_urban)
cross join (values ('{prior}'), ('{year}')) as y (school_year);

create table fct_school_resource_snapshot as
select d.school_key, d.school_code, d.region_code, d.school_year, 'primary' as stage, r.student_count, r.class_count,
       r.ft_teacher_count, r.ft_teacher_count as roster_ft_teacher_count, r.sports_area_m2,
       2 as backbone_teacher_count, 2 as register_backbone_count,
       cast(r.student_count * 2100 as decimal(18, 2)) as equipment_value_yuan,
       r.ft_teacher_count + 1 as staff_count, r.class_count + r.ft_teacher_count as classroom_count
from dim_school d
join (values ('2199020001', 240, 6, 15, 1800.0), ('2199020002', 120, 6, 9, 1100.0), ('2199020003', 60, 6, 7, 700.0),
             ('2199030001', 90, 6, 6, 500.0))
     as r (school_code, student_count, class_count, ft_teacher_count, sports_area_m2) using (school_code);
"""

_EXAMS = """
create table dim_exam_subject as
select region_code, '{year}' as school_year, exam_id, 4 as grade, subject, 100.0::decimal(8, 2) as full_mark,
       85.0::decimal(8, 2) as excellent_cut, 70.0::decimal(8, 2) as good_cut, 60.0::decimal(8, 2) as pass_cut,
       40.0::decimal(8, 2) as low_cut
from (values ('{region}', '{exam}'), ('{other}', '00000000000000bb')) as e (region_code, exam_id)
cross join (values ('语文'), ('数学')) as s (subject);

create table fct_exam_score_person as
select d.region_code, d.school_year, e.exam_id, d.school_code || '-' || i as student_key, d.school_code, 4 as grade,
       case when i <= 6 then '1班' else '2班' end as class_name,
       e.subject, case when i = 12 then null
                       else ((i * 7 + length(e.subject) + cast(right(d.school_code, 1) as int) * 5) % 101)
                  end::decimal(8, 2) as score,
       case when i = 12 then 'absent' else 'scored' end as score_status
from dim_school d join dim_exam_subject e on e.region_code = d.region_code and e.school_year = d.school_year
cross join range(1, 13) as r (i);

create table fct_exam_group_stat as
with pupil as (
  select p.*, d.is_urban, e.excellent_cut, e.good_cut, e.pass_cut, e.low_cut
  from fct_exam_score_person p join dim_school d using (school_code, school_year)
  join dim_exam_subject e on e.exam_id = p.exam_id and e.subject = p.subject
), grouped as (
  select *, 'school' as group_type, school_code as group_code from pupil union all
  select *, 'county', region_code from pupil union all
  select *, 'urban_rural', case when is_urban then 'urban' else 'rural' end from pupil
)
select region_code, school_year, exam_id, grade, subject, 'primary' as stage, group_type, group_code,
       count(*) as n_roll, count(*) as n_listed, count(*) as n_registered,
       count(score) as n_present, count(score) as n_scored,
       count(*) - count(score) as n_absent, sum(score) as score_sum,
       sum(cast(score * score as decimal(18, 4))) as score_sumsq,
       count(*) filter (score >= excellent_cut) as n_excellent, count(*) filter (score >= good_cut) as n_good,
       count(*) filter (score >= pass_cut) as n_pass, count(*) filter (score < low_cut) as n_low,
       min(score) as min_score, max(score) as max_score
from grouped group by all;

create table fct_value_added as
select '{region}' as region_code, 'x' as entry_exam_id, '{exam}' as exit_exam_id, '{prior}' as entry_year,
       '{year}' as exit_year, '数学' as subject, 4 as grade, 'school' as group_type,
       school_code as group_code, 90 as matched_total, 100 as exit_total
from dim_school where school_year = '{year}' and region_code = '{region}';
"""

# CV of teachers per 100 pupils over (240, 15), (120, 9), (60, 7), worked out by hand in test_recomputation.
_DISPERSION = """
create table fct_between_school_dispersion as
select '{region}' as region_code, '{year}' as school_year, 'primary' as stage, 'ft_teachers' as item_code,
       'cv_weighted' as kind, '_all' as exam_id, '_all' as grade, '_all' as subject,
       0.24830329545710733::double as cv_value, null::double as icc_value;
"""

# The exam of the year before, with the same marks: it came after the statistics of groups, which know the year's alone.
_EARLIER = """
insert into dim_exam_subject by name
select * replace ('{prior}' as school_year, 'a' || exam_id as exam_id) from dim_exam_subject;
insert into dim_exam by name
select * replace ('{prior}' as school_year, 'a' || exam_id as exam_id, exam_date - 365 as exam_date,
                  'a' || exam_name as exam_name) from dim_exam;
insert into fct_exam_score_person by name
select * replace ('{prior}' as school_year, 'a' || exam_id as exam_id) from fct_exam_score_person;
"""

_MONEY = """
create table fct_budget_line as
select '{region}' as region_code, fiscal_year, 'U1' as unit_code, project_name,
       '年初预算' as budget_version, 'budget' as fact_kind, true as is_leaf,
       amount::decimal(18, 2) as amount_yuan
from (values ('校舍维修', 500000), ('教师培训', 80000)) as p (project_name, amount)
cross join (values ('2022'), ('2023')) as y (fiscal_year);
create table fct_budget_execution as
select region_code, fiscal_year, unit_code, project_name, '执行' as execution_kind, is_leaf,
       (amount_yuan * 0.9)::decimal(18, 2) as amount_yuan from fct_budget_line;
"""

_PUBLISHED = """
create table fct_indicator_value as
select region_code, 'res_ft_teacher_per100' as indicator_code, 'school' as entity_type, school_code as entity_id,
       'school_year' as period_type, school_year as period_id, stage, '_all' as urban_rural, '_all' as grade,
       '_all' as subject, '_all' as exam_id, '_all' as group_code, ft_teacher_count * 100.0 / student_count as value
from fct_school_resource_snapshot;
create table fct_target_tracking as
select '{region}' as region_code, '{year}' as school_year, 'T004-001' as target_id, '004' as document_code,
       'res_ft_teacher_per100' as indicator_code, 'primary' as stage, '_all' as urban_rural, '{year}' as period_id,
       'missed' as status;
create table fct_teacher_snapshot_person as
select school_code || '-t' as teacher_key, school_code, stage, school_year, region_code, true as is_full_time_teacher
from fct_school_resource_snapshot;
create table dim_indicator as select 'res_ft_teacher_per100' as indicator_code, 'published' as zone, 'ratio' as kind;
create table dim_plan_binding as select '{region}' as region_code, '004' as document_code, 'region' as bound_by,
       date '2022-01-01' as valid_from, date '2030-12-31' as valid_to;
create table pub_target_tracking as
select '{region}' as region_code, '{year}' as school_year, 'res_ft_teacher_per100' as indicator_code,
       6.2 as actual_value, 0.1 as gap, 'A' as obs_status;
create table pub_indicator_definition as
select region_code, '{year}' as school_year, 'res_ft_teacher_per100' as indicator_code, 'A' as obs_status
from (values ('{region}'), ('{other}')) as r (region_code);
create table pub_indicator_value as
select region_code, '{year}' as school_year, indicator_code, stage, period_id, entity_id || '-' || i as entity_id,
       5.0 + i as value, 1 as numerator, 2 as denominator, entity_type, 'A' as obs_status
from fct_indicator_value cross join range(6) as r (i)
where entity_id in ('2199020001', '2199030001') and period_id = '{year}';
"""


class House:
    """A home with one build; `sql` changes the build's database, `submit` the ledger, `gate` judges."""

    def __init__(self, root: Path) -> None:
        self.settings = Settings.load({"SCHOOLHOUSE_HOME": str(root), "SCHOOLHOUSE_REGISTERS": ""}).prepare()
        self.ledger = l.Ledger.open(self.settings)
        self.folder = self.settings.build / BUILD
        self.folder.mkdir()
        names = {"region": REGION, "other": NEIGHBOUR, "year": YEAR, "prior": PRIOR, "exam": EXAM}
        for part in (_SCHOOLS, _EXAMS, _DISPERSION, _MONEY, _PUBLISHED, *PARTS, *balance.PARTS):
            self.sql(part.format(**names))
        self._write_raw()
        self.sql(_EARLIER.format(**names))
        self.sql("create table stg_ledger__submission as select * from submission_parquet")
        self.test_results([("test.schoolhouse.not_null_dim_school_school_key.1a2b", "pass", "")])
        row = dict.fromkeys((c.name for c in l.build.columns), "")
        self.ledger.insert(l.build, [{**row, "build_id": BUILD, "status": "ok"}])

    def sql(self, text: str) -> None:
        """Change the build's database, as a fault of a model would have."""
        with duckdb.connect(str(self.folder / "warehouse.duckdb")) as connection:
            if "submission_parquet" in text:
                rows = [_submission(s, r) for r in (REGION, NEIGHBOUR) for s in SOURCES]
                connection.register("submission_parquet", _frame(rows))
                connection.execute(
                    "create table stg_ledger__reject as select '' as submission_id, '' as message_zh,"
                    " '' as message_en limit 0"
                )
            connection.execute(text)

    def test_results(self, results: Sequence[tuple[str, str, str]]) -> None:
        rows = [{"test": t, "status": s, "message": m} for t, s, m in results]
        (self.folder / "test_results.json").write_text(json.dumps(rows))

    def receive(self, **fields: Any) -> None:
        """Enter a submission in the ledger that is not in the build."""
        self.ledger.record([{**_submission(fields.pop("source", "exam_scores"), REGION), **fields}])

    def forget_gates(self) -> None:
        """A test that changes a build after its gate must not meet the earlier verdict."""
        with self.ledger.transaction() as connection:
            connection.execute(sa.delete(l.gate_run))
            connection.execute(sa.delete(l.finding))

    def gate(self, *check_ids: str, region: str = REGION, year: str = YEAR) -> GateResult:
        return run_gate(self.settings, region, year, checks=[the_check(c) for c in check_ids] or None)

    def explain(self, check_id: str, entity_type: str, entity_id: str, **fields: str) -> None:
        from warehouse.registers import explain_finding

        row = {
            "region_code": REGION,
            "school_year": YEAR,
            "reason_code": "known",
            "text_zh": "已核实",
            "signer": "统计科",
        }
        row |= {"signed_on": "2024-10-08", **fields}
        explain_finding(self.settings, check_id=check_id, entity_type=entity_type, entity_id=entity_id, **row)

    def _write_raw(self) -> None:
        """Raw files as ingest leaves them, for the second path."""
        raw = self.settings.raw
        scores = raw / "exam_scores" / f"school_year={YEAR}" / f"exam_id={EXAM}"
        parameters, bindings = raw / "exam_parameters", raw / "plan_bindings"
        for folder in (scores, parameters, bindings):
            folder.mkdir(parents=True)
        with duckdb.connect(str(self.folder / "warehouse.duckdb")) as c:
            row = f"'{YEAR}' as period, 's-' || region_code as _submission_id"
            c.execute(f"copy (select *, {row} from fct_exam_score_person) to '{scores}/1.parquet'")
            named = "exam_id || '监测' as exam_name, date '2024-06-24' as exam_date"
            c.execute(f"copy (select *, {named}, {row} from dim_exam_subject) to '{parameters}/1.parquet'")
            c.execute(
                f"copy (select '{REGION}' as region_code, '004' as document_code, date '2022-01-01' as valid_from,"
                f" null::date as valid_to, '' as period, 's-{REGION}' as _submission_id) to '{bindings}/1.parquet'"
            )
            pin = self.folder / "pin.parquet"
            c.execute(f"copy (select unnest(['s-{REGION}', 's-{NEIGHBOUR}']) as submission_id) to '{pin}'")


def the_check(check_id: str) -> Check:
    """The check as it ships; a check that was taken away fails every test that needs it."""
    return {c.check_id: c for c in load_checks()}[check_id]


def keys(result: GateResult) -> set[tuple[str, str, str]]:
    return {f.key for f in result.findings}


def _submission(source: str, region: str) -> dict[str, Any]:
    text = {c.name: "" for c in l.submission.columns if isinstance(c.type, sa.String)}
    period = FISCAL if source.startswith("budget") else YEAR
    return {
        **text,
        "submission_id": f"{source}-{region}",
        "region_code": region,
        "source": source,
        "unit_code": region,
        "period": period,
        "status": "accepted",
        "received_at": "2024-09-20T00:00:00Z",
        "version": 1,
        "rows_accepted": 10,
        "rows_rejected": 0,
    }


def _frame(rows: Sequence[Mapping[str, Any]]):
    import pandas as pd

    return pd.DataFrame(list(rows))
