"""A house with two regions, a build with published tables, a gate run and approvals: what publication starts from."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path

import duckdb
import pyarrow as pa
import pyarrow.parquet as pq
import sqlalchemy as sa

from expectations import decision
from publication import EditionResult, publish
from warehouse import ledger as tables
from warehouse.ledger import Ledger
from warehouse.overrides import standing
from warehouse.settings import Settings

REGION, OTHER, YEAR = "990301", "990302", "2024-2025"

_TABLES = """
create table dim_region as
    select * from (values ('990301', '云溪县'), ('990302', '石岭县')) t(region_code, region_name);
create table pub_indicator_definition as
    select r.region_code, '2024-2025' as school_year, i.*, 'A' as obs_status
    from (values ('990301'), ('990302')) r(region_code), (values
        ('res_sports_area_per_student', '生均体育运动场馆面积', 'resource', 'm2/student', 'ratio', 2, 1),
        ('sat_public', '社会认可度', 'satisfaction', '%', 'ratio', 1, 1)
    ) i(indicator_code, name_zh, domain, unit, kind, precision_digits, definition_version);
create table pub_indicator_value as
    select r.region_code, '2024-2025' as school_year, v.indicator_code, 'county' as entity_type,
        r.region_code as entity_id, 'school_year' as period_type, '2024-2025' as period_id,
        v.stage, 'all' as urban_rural,
        cast(v.numerator as decimal(24, 6)) as numerator, cast(v.denominator as decimal(24, 6)) as denominator,
        v.numerator / v.denominator + r.shift as value, v.obs_status, v.reason_zh
    from (values ('990301', 0.0), ('990302', 0.125)) r(region_code, shift), (values
        ('res_sports_area_per_student', 'primary', 30000.0::double, 4100.0::double, 'A', null),
        ('res_sports_area_per_student', 'junior', 17000.0, 1700.0, 'A', null),
        ('sat_public', 'all', null, null, 'M', '所需数据来源尚未报送')
    ) v(indicator_code, stage, numerator, denominator, obs_status, reason_zh);
create table pub_target_tracking as
    select r.region_code, '2024-2025' as school_year, t.*, 'A' as obs_status
    from (values ('990301')) r(region_code), (values
        ('T1', 'P1', '义务教育<提升>计划', 'res_sports_area_per_student', 'primary',
         7.317073170731708::double, 7.5::double, -0.18292682926829173::double, 'at_least', 'missed', null),
        ('T2', 'P1', '义务教育<提升>计划', 'res_sports_area_per_student', 'junior',
         10.0, 9.8, 0.2, 'at_least', 'met', null),
        ('T3', 'P1', '义务教育<提升>计划', 'sat_public', 'all',
         null, 85.0, null, 'at_least', 'no_data', '所需数据来源尚未报送')
    ) t(target_id, document_code, document_name, indicator_code, stage, actual_value, target_value, gap, judge, status,
        reason_zh);
create table pub_resource_dispersion as
    select r.region_code, '2024-2025' as school_year, 'primary' as stage, 'sports_area' as item_code,
        '生均体育运动场馆面积' as item_name, 'cv_weighted' as kind, 5 as n_schools, 0 as n_missing, r.cv as cv_value,
        7.3::double as mean_value, 'A' as obs_status
    from (values ('990301', 0.515257::double), ('990302', 0.25::double)) r(region_code, cv);
"""


# dbt's graph as far as lineage needs it: one published table with what it stands on.
_GRAPH = {
    "nodes": {
        "model.s.pub_indicator_value": {"resource_type": "model", "name": "pub_indicator_value", "raw_code": ""},
        "model.s.fct_measure": {"resource_type": "model", "name": "fct_measure", "raw_code": ""},
        "seed.s.measures": {"resource_type": "seed", "name": "measures", "raw_code": ""},
        "model.s.stg_school_report__section": {
            "resource_type": "model",
            "name": "stg_school_report__section",
            "raw_code": "select * from {{ raw('school_report') }}",
        },
    },
    "parent_map": {
        "model.s.pub_indicator_value": ["model.s.fct_measure"],
        "model.s.fct_measure": ["model.s.stg_school_report__section", "seed.s.measures"],
    },
}


class House:
    """One home; `names` come in an order of its own, which no byte may depend on."""

    def __init__(self, home: Path, *, reverse: bool = False) -> None:
        self.settings = Settings.load({"SCHOOLHOUSE_HOME": str(home), "SCHOOLHOUSE_REGISTERS": ""}).prepare()
        self.ledger = Ledger.open(self.settings)
        self.reverse = reverse
        self.builds = 0

    def build(self, *changes: str, regions: Sequence[str] = (REGION, OTHER)) -> str:
        """A new build: the published tables after `changes` (SQL), its pin and its export of the ledger."""
        self.builds += 1
        build_id = f"b{'r' if self.reverse else 'f'}{self.builds}"
        folder = self.settings.build / build_id
        (folder / "ledger").mkdir(parents=True)
        with duckdb.connect(str(folder / "warehouse.duckdb")) as connection:
            connection.execute(_TABLES)
            for change in changes:
                connection.execute(change)
            for region in {REGION, OTHER} - set(regions):
                for table in ("pub_indicator_value", "pub_indicator_definition", "pub_resource_dispersion"):
                    connection.execute(f"delete from {table} where region_code = '{region}'")
            if self.reverse:
                for table in ("pub_indicator_value", "pub_target_tracking", "pub_indicator_definition"):
                    connection.execute(f"create table t as select * from {table} order by rowid desc")
                    connection.execute(f"drop table {table}")
                    connection.execute(f"alter table t rename to {table}")
        (folder / "manifest.json").write_text(json.dumps(_GRAPH), encoding="utf-8")
        sent = [self._submission(r, i) for i, r in enumerate(regions)]
        pq.write_table(pa.Table.from_pylist(sent), folder / "ledger" / "submission.parquet")
        pins = pa.table({"submission_id": [s["submission_id"] for s in sent]})
        pq.write_table(pins, folder / "pin.parquet")
        return build_id

    def _submission(self, region: str, number: int) -> dict[str, str | int]:
        return {
            "submission_id": f"s{number}{'r' if self.reverse else 'f'}",
            "region_code": region,
            "source": "school_report",
            "unit_code": region,
            "period": YEAR,
            "scope": "",
            "version": 1,
            "file_sha256": region.rjust(64, "0"),
            "file_name": f"{region}.xlsx",
            "status": "partial",
            "rows_accepted": 12,
            "rows_rejected": 1,
        }

    def gate(self, build_id: str, *, verdict: str = "passed_with_explanations", region: str = REGION) -> str:
        """A gate run with an explained warning and an info."""
        gate_id = f"g-{build_id}-{region}-{verdict}"
        ran_at = f"2025-11-0{self.builds}T08:00:00Z"
        run = {"gate_id": gate_id, "build_id": build_id, "region_code": region, "school_year": YEAR}
        run |= {"verdict": verdict, "ran_at": ran_at, "content_sha256": "", "token": ""}
        self.ledger.insert(tables.gate_run, [run])
        finding = {"gate_id": gate_id, "observed": "1", "expected": "0", "message_en": "m", "resolve_zh": "z"}
        warning = {"check_id": "row_rejects", "entity_type": "submission", "entity_id": f"school_report/{region}"}
        info = {"check_id": "year_on_year_change", "entity_type": "section", "entity_id": "2199000001/primary"}
        notes = [
            {**finding, **warning, "severity": "warning", "message_zh": "一行被退回", "explanation_id": f"e{region}"},
            {**finding, **info, "severity": "info", "message_zh": "在校生变动较大", "explanation_id": ""},
        ]
        self.ledger.insert(tables.finding, notes)
        explanation = {"region_code": region, "school_year": YEAR, "reason_code": "typo", "signer": "审签人甲"}
        reason = {"text_zh": "重复的一行，已核实", "signed_on": "2025-11-01", "origin": "file", "registered_at": ran_at}
        self.ledger.insert(tables.explanation, [{**warning, **explanation, **reason, "explanation_id": f"e{region}"}])
        self.decide(gate_id)
        return gate_id

    def decide(self, gate_id: str) -> None:
        """Give a gate run the token that a gate of all checks has, for its findings and its build as they are."""
        [run] = self.ledger.rows(sa.select(tables.gate_run).where(tables.gate_run.c.gate_id == gate_id))
        run["content_sha256"] = decision.content_hash(self.settings.build / run["build_id"])
        findings = self.ledger.rows(sa.select(tables.finding).where(tables.finding.c.gate_id == gate_id))
        run["token"] = decision.issue(self.settings, run, findings)
        with self.ledger.transaction() as connection:
            connection.execute(sa.update(tables.gate_run).where(tables.gate_run.c.gate_id == gate_id).values(run))

    def override(self, gate_id: str, *, reason: str, region: str = REGION) -> str:
        """The gate's warning is a critical finding that two people let pass; the id of the override."""
        [finding] = self.ledger.rows(
            sa.select(tables.finding).where(tables.finding.c.gate_id == gate_id, tables.finding.c.explanation_id != "")
        )
        key = {k: finding[k] for k in ("check_id", "entity_type", "entity_id", "observed")}
        row = {"region_code": region, "school_year": YEAR, **key, "reason": reason, "signed_on": "2025-11-02"}
        people = (("statistics_officer", "统计负责人甲"), ("bureau_leader", "局长丙"))
        self.ledger.insert(
            tables.override_entry,
            [
                {
                    **row,
                    "entry_id": f"v-{role}",
                    "role": role,
                    "signer": signer,
                    "registered_at": "2025-11-02T09:00:00Z",
                }
                for role, signer in people
            ],
        )
        [given] = standing(self.ledger, region, YEAR).values()
        with self.ledger.transaction() as connection:
            connection.execute(
                sa.update(tables.finding)
                .where(tables.finding.c.gate_id == gate_id, tables.finding.c.explanation_id != "")
                .values(severity="critical", explanation_id=given.override_id)
            )
        self.decide(gate_id)
        return given.override_id

    def approve(
        self,
        role: str,
        person: str,
        *,
        decision: str = "approve",
        on: str = "2025-11-10",
        mode: str = "file",
        gate_id: str = "",
        region: str = REGION,
    ) -> None:
        row = {"region_code": region, "school_year": YEAR, "role": role, "approver": person, "decision": decision}
        more = {"decided_on": on, "comment": "", "mode": mode, "gate_id": gate_id, "registered_at": f"{on}T09:00:00Z"}
        self.ledger.insert(
            tables.approval, [{**row, **more, "approval_id": "|".join([*row.values(), on, mode, gate_id])}]
        )

    def approve_both(self, region: str = REGION) -> None:
        self.approve("statistics_officer", "统计员乙", region=region)
        self.approve("bureau_leader", "局长丙", region=region)

    def publish(self, *changes: str, regions: Sequence[str] = (REGION, OTHER)) -> EditionResult:
        """Build, gate, approve and publish region 990301."""
        self.gate(self.build(*changes, regions=regions))
        self.approve_both()
        return publish(self.settings, REGION, YEAR)
