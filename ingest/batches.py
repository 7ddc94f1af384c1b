"""A batch: the accepted rows of one source in one run, claimed, pseudonymised and written to raw before the
ledger knows.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, field
from typing import Any

import duckdb
import pyarrow as pa

from ingest import spreads
from ingest.contracts import Contract, Field
from ingest.documents import Document
from ingest.schema import raw_schema
from ingest.texts import mask
from ingest.vault import Vault, canonical
from warehouse.files import atomic_parquet
from warehouse.settings import Settings

QUOTED_EMPTY = "''"


@dataclass
class Claim:
    """One submission in the making: a file's rows of one region, period and scope."""

    file_ix: int
    submission_id: str
    region: str
    unit: str
    period: str
    scope: str
    accepted: int
    rejected: int
    sheets: dict[int, tuple[int, int]] = field(default_factory=dict)


def submission_id(source: str, region: str, unit: str, period: str, scope: str, sha256: str) -> str:
    return hashlib.sha256(f"{source}|{region}|{unit}|{period}|{scope}|{sha256}".encode()).hexdigest()[:32]


def claim(con: duckdb.DuckDBPyConnection, contract: Contract, documents: list[Document]) -> list[Claim]:
    """Make `claimed` (rid -> claim number) and return the claims. A rejected row whose scope cannot be told
    goes with the
    file's first claim."""
    scope = [f"CAST({s} AS VARCHAR)" for s in contract.custom["scope"]]
    whole = QUOTED_EMPTY
    if scope:
        whole = (
            f"CASE WHEN {' AND '.join(f'{s} IS NOT NULL' for s in scope)} THEN concat_ws('/', {', '.join(scope)}) END"
        )
    school = any(f.name == "school_code" for f in contract.read_fields) and contract.custom["unit"] == "school"
    con.execute(
        "CREATE TABLE slices AS SELECT t.rid, t.file_ix, t.sheet_ix, t.region_code_of_file AS "
        "region, t.period_of_row AS period, "
        f"{whole} AS scope, {'t.school_code' if school else 'NULL'} AS school, "
        "t.rid IN (SELECT rid FROM rejected) AS bad FROM typed t"
    )
    con.execute(
        "CREATE TABLE claims AS SELECT row_number() OVER (ORDER BY file_ix, region, period, scope) - "
        "1 AS claim_ix, * FROM ("
        "SELECT DISTINCT file_ix, region, period, scope FROM slices WHERE NOT bad UNION "
        "SELECT DISTINCT file_ix, region, period, scope FROM slices s WHERE region IS NOT NULL AND period IS NOT NULL "
        "AND scope IS NOT NULL AND NOT EXISTS (SELECT 1 FROM slices g WHERE g.file_ix = s.file_ix AND NOT g.bad))"
    )
    con.execute(
        "INSERT INTO claims SELECT (SELECT count(*) FROM claims) + row_number() OVER (ORDER BY file_ix) - 1, file_ix, "
        "coalesce(min(region), ''), coalesce(min(period), ''), coalesce(min(scope), '') FROM slices "
        "WHERE file_ix NOT IN (SELECT file_ix FROM claims) GROUP BY file_ix"
    )
    con.execute(
        "CREATE TABLE claimed AS SELECT s.rid, s.sheet_ix, s.bad, coalesce(c.claim_ix, (SELECT "
        "min(claim_ix) FROM claims f "
        "WHERE f.file_ix = s.file_ix)) AS claim_ix FROM slices s LEFT JOIN claims c ON c.file_ix = s.file_ix "
        "AND c.region = s.region AND c.period = s.period AND c.scope = s.scope"
    )
    units = dict(
        con.execute(
            "SELECT file_ix, CASE WHEN count(DISTINCT school) = 1 THEN min(school) END FROM slices "
            "WHERE NOT bad GROUP BY file_ix"
        ).fetchall()
    )
    claims = []
    for _, file_ix, region, period, scope_text in con.execute("SELECT * FROM claims ORDER BY claim_ix").fetchall():
        unit = units.get(file_ix) or region
        sha = documents[file_ix].arrival.sha256
        ident = submission_id(contract.source, region, unit, period, scope_text, sha)
        claims.append(Claim(file_ix, ident, region, unit, period, scope_text, 0, 0))
    for claim_ix, sheet_ix, good, bad in con.execute(
        "SELECT claim_ix, sheet_ix, count(*) FILTER (NOT bad), count(*) FILTER (bad) FROM claimed "
        "GROUP BY ALL ORDER BY ALL"
    ).fetchall():
        c = claims[claim_ix]
        c.sheets[sheet_ix] = (good, bad)
        c.accepted, c.rejected = c.accepted + good, c.rejected + bad
    return claims


def write(
    settings: Settings,
    con: duckdb.DuckDBPyConnection,
    contract: Contract,
    documents: list[Document],
    claims: list[Claim],
    vault: Vault,
) -> str:
    """Write the accepted rows, one file per partition, in an order that depends on content alone. Returns the
    batch id.
    """
    loaded = sorted(c.submission_id for c in claims if c.accepted)
    if not loaded:
        return ""
    batch_id = hashlib.sha256("|".join(loaded).encode()).hexdigest()[:32]
    con.register("claim_info", _claim_table(documents, claims))
    con.register("sheet_name", _sheet_table(documents))
    _pseudonymise(con, contract, vault)
    con.execute(f"CREATE VIEW output AS {_select(contract)}")
    partitions = contract.custom.get("partitions", [])
    schema = raw_schema(contract)
    order = ", ".join([*contract.custom.get("sort", []), "_submission_id", "_sheet", "_row"])
    if not partitions:
        table = con.sql(f"SELECT * FROM output ORDER BY {order}").to_arrow_table()
        atomic_parquet(settings.raw / contract.source / f"{batch_id}.parquet", table.cast(schema))
        return batch_id
    for period, exam in con.execute("SELECT DISTINCT period, exam_id FROM output ORDER BY ALL").fetchall():
        table = con.sql(
            f"SELECT * FROM output WHERE period = $p AND exam_id = $e ORDER BY {order}", params={"p": period, "e": exam}
        ).to_arrow_table()
        folder = settings.raw / contract.source / f"school_year={period}" / f"exam_id={exam}"
        atomic_parquet(folder / f"{batch_id}.parquet", table.cast(schema))
    return batch_id


def _claim_table(documents: list[Document], claims: list[Claim]) -> pa.Table:
    rows: list[dict[str, Any]] = [
        {
            "claim_ix": i,
            "region_code": c.region,
            "period": c.period,
            "_submission_id": c.submission_id,
            "_file_sha256": documents[c.file_ix].arrival.sha256,
        }
        for i, c in enumerate(claims)
    ]
    return pa.Table.from_pylist(rows)


def _sheet_table(documents: list[Document]) -> pa.Table:
    rows = [
        {"file_ix": f, "sheet_ix": s, "_sheet": mask(reading.sheet.name)}
        for f, d in enumerate(documents)
        for s, reading in enumerate(d.sheets)
    ]
    return pa.Table.from_pylist(rows)


def _pseudonymise(con: duckdb.DuckDBPyConnection, contract: Contract, vault: Vault) -> None:
    """Make `person` (field, region, ident, key) for the accepted rows and enter their aliases."""
    con.execute("CREATE TABLE person (field VARCHAR, region VARCHAR, ident VARCHAR, key VARCHAR)")
    # The field of the new number goes first: it takes the person of the number before it.
    for f in sorted(contract.pseudonyms, key=lambda f: "previousOf" in f.custom):
        others = [g for g in contract.read_fields if f.name in (g.custom.get("aliasOf"), g.custom.get("previousOf"))]
        listed = "".join(f", {g.name}" for g in others)
        rows = con.execute(
            f"SELECT DISTINCT region_code_of_file, exam_id, {f.name}{listed} FROM typed "
            f"WHERE rid NOT IN (SELECT rid FROM rejected) AND {f.name} IS NOT NULL ORDER BY ALL"
        ).fetchall()
        names = [identity(f, region, exam, ident) for region, exam, ident, *_ in rows]
        lasting: list[tuple[str, str]] = []
        passing: list[tuple[str, str]] = []
        for name, (region, exam, _, *texts) in zip(names, rows, strict=True):
            for g, text in zip(others, texts, strict=True):
                if text:
                    pairs = passing if g.custom.get("aliasKind", {}).get("scope") == "exam" else lasting
                    pairs.append((name, identity(g, region, exam, text)))
        keys = vault.keys(names, lasting)
        of = dict(zip(names, keys, strict=True))
        vault.assign((alias, of[name]) for name, alias in passing)
        people = {(r[0], r[2]): key for r, key in zip(rows, keys, strict=True)}
        columns = {
            "field": [f.name] * len(people),
            "region": [region for region, _ in people],
            "ident": [ident for _, ident in people],
            "key": list(people.values()),
        }
        con.register("person_in", pa.table({k: pa.array(v, pa.string()) for k, v in columns.items()}))
        con.execute("INSERT INTO person SELECT * FROM person_in")
        con.unregister("person_in")


def identity(f: Field, region: str, exam: str | None, text: str) -> str:
    """Canonical identifier of a field's text, in the scope that its contract gives it."""
    word = f.custom.get("aliasKind") or f.custom["pseudonym"]
    scope = {"region": region, "exam": exam or ""}.get(word.get("scope", ""), "")
    return canonical(word["kind"], scope, text)


def _select(contract: Contract) -> str:
    columns, spread = [], spreads.columns(contract) if contract.unpivot else {}
    for f in contract.stored_fields:
        if f.custom.get("pseudonym"):
            key = f"p_{f.name}.key"
            columns.append(f"{f'coalesce({key}, t.found_key)' if 'foundBy' in f.custom else key} AS {f.name}")
        elif f.computed == "unpivot":
            columns.append(f"{spread[f.name]} AS {f.name}")
        else:
            columns.append(f"t.{f.name}")
    own = {f.name for f in contract.stored_fields}
    columns += [f"i.{c}" for c in ("region_code", "period", "_submission_id", "_file_sha256") if c not in own]
    joins = " ".join(
        f"LEFT JOIN person p_{f.name} ON p_{f.name}.field = '{f.name}' AND p_{f.name}.region = t.region_code_of_file "
        f"AND p_{f.name}.ident = t.{f.name}"
        for f in contract.pseudonyms
    )
    marks = "JOIN typed_mark m ON m.rid = t.rid" if contract.unpivot else ""
    return (
        f"SELECT {', '.join(columns)}, n._sheet, t._row FROM typed t JOIN claimed c ON c.rid = t.rid AND NOT c.bad "
        f"JOIN claim_info i ON i.claim_ix = c.claim_ix JOIN sheet_name n ON n.file_ix = t.file_ix AND "
        f"n.sheet_ix = t.sheet_ix "
        f"{joins} {marks}"
    )
