"""A batch: the accepted rows of one source in one run, claimed, pseudonymised and written to raw before the
ledger knows.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, field
from typing import Any

import duckdb
import pyarrow as pa

from ingest import rawfiles
from ingest.contracts import Contract
from ingest.documents import Document
from ingest.pseudonyms import pseudonymise
from ingest.texts import mask
from ingest.vault import Vault
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
        sha = documents[file_ix].fingerprint
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
    try:
        pseudonymise(con, contract, vault)
        rawfiles.write(settings, con, contract, documents, batch_id)
    finally:
        # Raw counts once the ledger names it, which is after this: by then everybody in it is in the vault.
        vault.settle()
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
    """The sheets that are loaded, numbered in the order of the documents."""
    places = [(f, s, mask(r.sheet.name)) for f, d in enumerate(documents) for s, r, _ in d.loaded]
    return pa.table(
        {
            "sheet_no": pa.array(range(len(places)), pa.int32()),
            "file_ix": pa.array([p[0] for p in places], pa.int32()),
            "sheet_ix": pa.array([p[1] for p in places], pa.int32()),
            "_sheet": pa.array([p[2] for p in places], pa.string()),
        }
    )
