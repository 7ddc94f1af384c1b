"""Identifiers of the accepted rows to person keys: each different one once, in slices, through the vault."""

from __future__ import annotations

from typing import Any

import duckdb
import pyarrow as pa

from ingest.contracts import Contract, Field
from ingest.vault import Vault, canonical, canonicals

# Identifiers that are in memory at once as Python objects.
SLICE = 262_144


def pseudonymise(con: duckdb.DuckDBPyConnection, contract: Contract, vault: Vault) -> None:
    """Make `person` (field, region, ident, key) for the accepted rows of `typed` and enter their aliases.

    The vault may still be at work afterwards: `vault.settle()` waits for it.
    """
    con.execute("CREATE TABLE person (field VARCHAR, region VARCHAR, ident VARCHAR, key VARCHAR)")
    # The field of the new number goes first: it takes the person of the number before it.
    for f in sorted(contract.pseudonyms, key=lambda f: "previousOf" in f.custom):
        others = [g for g in contract.read_fields if f.name in (g.custom.get("aliasOf"), g.custom.get("previousOf"))]
        filled = con.execute(f"SELECT {', '.join(['count(*)', *(f'count({g.name})' for g in others)])} FROM typed")
        counts = filled.fetchall()[0][1:]
        others = [g for g, n in zip(others, counts, strict=True) if n]
        if others:
            _with_aliases(con, f, others, vault)
        else:
            _plain(con, f, vault)
    vault.begin()


def _plain(con: duckdb.DuckDBPyConnection, f: Field, vault: Vault) -> None:
    exam = "exam_id" if _word(f).get("scope") == "exam" else "NULL::VARCHAR"
    con.execute(
        f"CREATE OR REPLACE TABLE wanted AS SELECT DISTINCT region_code_of_file AS region, {exam} AS exam, "
        f"{f.name} AS ident FROM typed WHERE {f.name} IS NOT NULL AND rid NOT IN (SELECT rid FROM rejected)"
    )
    crowd = vault.crowd()
    # A connection of its own: the slices are read while keys are kept by the other.
    for part in con.cursor().sql("SELECT region, exam, ident FROM wanted").to_arrow_reader(SLICE):
        regions, exams, idents = part.columns
        names = canonicals(_word(f)["kind"], _scopes(f, regions, exams), idents)
        _keep(con, f, regions, idents, crowd.keys(names))


def _with_aliases(con: duckdb.DuckDBPyConnection, f: Field, others: list[Field], vault: Vault) -> None:
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
    _keep(
        con, f, [region for region, _ in people], [ident for _, ident in people], pa.array(people.values(), pa.string())
    )


def _keep(con: duckdb.DuckDBPyConnection, f: Field, regions: Any, idents: Any, keys: pa.Array) -> None:
    """A text that is several exams' comes several times; any other is there once."""
    con.register("person_in", pa.table({"region": regions, "ident": idents, "key": keys}))
    once = "DISTINCT" if _word(f).get("scope") == "exam" else ""
    con.execute(f"INSERT INTO person SELECT {once} '{f.name}', region, ident, key FROM person_in")
    con.unregister("person_in")


def _word(f: Field) -> Any:
    return f.custom.get("aliasKind") or f.custom["pseudonym"]


def _scopes(f: Field, regions: pa.Array, exams: pa.Array) -> pa.Array | str:
    scope = _word(f).get("scope", "")
    return regions if scope == "region" else exams.fill_null("") if scope == "exam" else ""


def identity(f: Field, region: str, exam: str | None, text: str) -> str:
    """Canonical identifier of a field's text, in the scope that its contract gives it."""
    word = _word(f)
    scope = {"region": region, "exam": exam or ""}.get(word.get("scope", ""), "")
    return canonical(word["kind"], scope, text)
