"""What answers for a number that is no indicator: an amount of a plan or a finance file, a check, a rule."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

import duckdb

from warehouse.build import newest_build
from warehouse.explain_cells import read_cells
from warehouse.settings import Settings

SHOWN = 20


@dataclass
class Statement:
    """A number or verdict with its place in a document or file. `terms` are the figures it is set against or made of,
    `rows` its file rows with their cells, `verdicts` what a rule said of whom.
    """

    kind: str
    item_id: str
    title: str
    value: Any
    unit: str
    document: str
    place: str
    status: str
    terms: list[dict[str, Any]] = field(default_factory=list)
    rows: list[dict[str, Any]] = field(default_factory=list)
    verdicts: list[dict[str, Any]] = field(default_factory=list)
    build_id: str = ""

    def to_dict(self) -> dict[str, Any]:
        return asdict(self)

    def lines(self) -> Iterator[str]:
        from warehouse.explain_text import number, row_line

        shown = "" if self.value is None else f":  {number(self.value)} {self.unit}"
        yield f"{self.title}  ({self.item_id}){shown}  [{self.status}]"
        if self.document:
            yield f"  出处: {self.document} {self.place}".rstrip()
        for t in self.terms:
            yield f"  {t['role']}: {t['ref']} {t['name'] or ''} {number(t['value'])}".rstrip()
        for r in self.rows:
            yield f"  {row_line(r)}"
        for v in self.verdicts[:SHOWN]:
            reason = f" ({v['reason_code']})" if v["reason_code"] else ""
            yield f"  {v['school_year']} {v['entity_type']} {v['entity_id']}: {v['outcome']}{reason}"
        if len(self.verdicts) > SHOWN:
            yield f"  … 共 {len(self.verdicts)} 条"


def explain_statement(settings: Settings, name: str, build_id: str | None = None) -> Statement | None:
    """The statement of that id in a build (the newest good one by default); None where it is none of these."""
    row = newest_build(settings, build_id)
    with duckdb.connect(row["path"], read_only=True) as con:
        for read in _READERS:
            if found := read(con, settings.raw, name):
                found.build_id = row["build_id"]
                return found
    return None


def _rows(con: duckdb.DuckDBPyConnection, sql: str, *parameters: Any) -> list[dict[str, Any]]:
    result = con.execute(sql, list(parameters))
    names = [d[0] for d in result.description or []]
    return [dict(zip(names, r, strict=True)) for r in result.fetchall()]


def _fact(con: duckdb.DuckDBPyConnection, _: Path, name: str) -> Statement | None:
    """An amount of a document: a line that counts, a mention of one, or a price; with its parts and its checks."""
    found = _rows(
        con,
        "select f.*, d.document_name, case when l.budget_line_id is not null and l.is_leaf then 'line'"
        " when l.budget_line_id is not null then 'subtotal' when m.mention_id is not null then 'mention'"
        " when q.quota_id is not null then 'unit_price' end as status"
        " from budget_facts as f join dim_policy_document as d using (document_code)"
        " left join fct_budget_line as l on f.fact_id = l.budget_line_id"
        " left join bridge_budget_mention as m on f.fact_id = m.mention_id"
        " left join fct_quota as q on f.fact_id = q.quota_id where f.fact_id = ?",
        name,
    )
    if not found:
        return None
    f = found[0]
    terms = _rows(
        con,
        "select case when parent_fact_id = ? or column_parent_fact_id = ? then '其中' else '另一处提及' end as role,"
        " fact_id as ref, line_name as name, amount_yuan as value from budget_facts"
        " where parent_fact_id = ? or column_parent_fact_id = ? or duplicate_of_fact_id = ? order by 1, 2",
        *[name] * 5,
    )
    terms += _rows(
        con,
        "select distinct '核对' as role, c.check_id as ref, c.description || ' -> ' || c.outcome as name,"
        " c.difference as value from arithmetic_check_term as t join fct_arithmetic_check as c using (check_id)"
        " where t.term_kind = 'fact' and t.term_ref = ? order by ref",
        name,
    )
    title = f"{f['project_name']} · {f['line_name']}"
    return Statement(
        "budget_fact", name, title, f["amount_yuan"], "元", f["document_name"], f["evidence"], f["status"], terms
    )


def _line(con: duckdb.DuckDBPyConnection, raw: Path, name: str) -> Statement | None:
    """A line of a finance file, with its cells."""
    found = _rows(
        con,
        "select l.project_name, l.line_name, l.amount_yuan, l.is_leaf, l.fiscal_year, l.budget_version,"
        " s.submission_id, s.source, s.file_name, s.file_sha256, s.column_map, b.sheet_name as sheet,"
        " b.row_number as row, cast(null as varchar) as letter from fct_budget_line as l"
        " join int_budget_file_line as b on l.submission_id = b.submission_id"
        " and md5(b.submission_id || '|' || coalesce(cast(b.sheet_name as varchar), '_null_') || '|'"
        " || cast(b.row_number as varchar)) = l.budget_line_id"
        " join stg_ledger__submission as s on l.submission_id = s.submission_id where l.budget_line_id = ?",
        name,
    )
    if not found:
        return None
    f = found[0]
    keys = ("submission_id", "source", "file_name", "file_sha256", "column_map", "sheet", "row", "letter")
    row = {k: f[k] for k in keys}
    read_cells(con, raw, [row], ["amount_yuan", "project_name", "function_code", "economic_code", "fund_source"])
    title = f"{f['project_name'] or f['line_name']} {f['fiscal_year']} {f['budget_version']}"
    status = "line" if f["is_leaf"] else "subtotal"
    return Statement("budget_line", name, title, f["amount_yuan"], "元", "", "", status, rows=[row])


def _check(con: duckdb.DuckDBPyConnection, _: Path, name: str) -> Statement | None:
    """An arithmetic check of a document with both sides' terms."""
    found = _rows(
        con,
        "select c.*, d.document_name from fct_arithmetic_check as c left join dim_policy_document as d"
        " using (document_code) where check_id = ?",
        name,
    )
    if not found:
        return None
    c = found[0]
    terms = _rows(
        con,
        "select case t.side when 'left' then '左' else '右' end || ' ' || t.op as role, t.term_ref as ref,"
        " f.line_name as name, cast(t.coefficient as double) * coalesce(cast(g.figure_value as double),"
        " case when t.term_kind = 'constant' then cast(t.term_ref as double) end) as value"
        " from arithmetic_check_term as t left join int_document_figure as g"
        " on t.term_kind = g.term_kind and t.term_ref = g.term_ref"
        " left join budget_facts as f on t.term_kind = 'fact' and t.term_ref = f.fact_id"
        " where t.check_id = ? order by t.side, cast(t.position as integer)",
        name,
    )
    place = f"左 {c['left_value']} {c['operator']} 右 {c['right_value']},容差 {c['tolerance']}"
    return Statement(
        "arithmetic_check", name, c["description"], c["difference"], "(差)", c["document_name"] or "", place,
        c["outcome"], terms,
    )  # fmt: skip


def _rule(con: duckdb.DuckDBPyConnection, _: Path, name: str) -> Statement | None:
    """A monitoring rule with what it said, hits first; of persons and accountability only that it was asked."""
    found = _rows(
        con,
        "select r.*, d.document_name from dim_rule as r left join dim_policy_document as d using (document_code)"
        " where rule_id = ?",
        name,
    )
    if not found:
        return None
    verdicts = _rows(
        con,
        "select region_code, school_year, entity_type, entity_id, stage, outcome, reason_code from fct_rule_result"
        " where rule_id = ? order by school_year desc, outcome = 'hit' desc, outcome, entity_type, entity_id, stage",
        name,
    )
    r = found[0]
    listed = str(r["indicator_codes"] or "").split(";")
    names = dict(con.execute("select indicator_code, name_zh from dim_indicator").fetchall())
    terms = [
        {"role": "指标", "ref": c.strip(), "name": names.get(c.strip()), "value": None} for c in listed if c.strip()
    ]
    return Statement(
        "rule", name, r["name_zh"], None, "", r["document_name"] or "", r["evidence"] or "", r["rule_type"], terms,
        verdicts=verdicts,
    )  # fmt: skip


_READERS: tuple[Callable[[duckdb.DuckDBPyConnection, Path, str], Statement | None], ...] = (_fact, _check, _rule, _line)
