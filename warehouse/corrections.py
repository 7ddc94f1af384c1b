"""Declared corrections: a cell of raw is read as another value because somebody answers for it.

A row of `corrections.csv` names the cell by source, period and key, what it says, what it should say, why, who says so
and until when. The build applies it only as long as the cell says what the row says it says: once the source has
healed, the correction stops by itself. Raw is never changed.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import date
from pathlib import Path
from typing import Any

import duckdb
import pyarrow as pa
import sqlalchemy as sa

from warehouse import ledger as l
from warehouse.files import atomic_path
from warehouse.registers import ANY, DATE, FILLED, NAME, REGION, Rule, enter_new, entry_id, find_files, read_rows
from warehouse.settings import Settings

FILE = "corrections.csv"
# Folder of a build with the corrected rows.
CORRECTED = "corrected"
_KEY = Rule(
    lambda v: all(re.fullmatch(r"[a-z][a-z0-9_]*=[^;=]+", part) for part in v.split(";")),
    "must name columns and values, such as school_code=2199000001;stage=primary",
    "应写成“列=值;列=值”,例如 school_code=2199000001;stage=primary",
)
FIELDS: dict[str, Rule] = {
    "region_code": REGION,
    "source": NAME,
    "period": FILLED,
    "row_key": _KEY,
    "column_name": NAME,
    "from_value": ANY,
    "to_value": ANY,
    "reason": FILLED,
    "provider": FILLED,
    "provided_on": DATE,
    "expires_on": DATE,
}
_CELL = ("region_code", "source", "period", "row_key", "column_name")
# What a build can make of a correction; only the first changes a value.
OUTCOMES = ("applied", "healed", "no_row", "ambiguous", "unknown_column", "no_value")
_FROZEN = ("correction_id", *FIELDS, "outcome", "submission_id", "sheet", "row", "found_value")
# Columns that say who somebody is or where a row came from are nobody's to correct: the file is sent again.
_NOT_CORRECTED = re.compile(r"_.*|.*_key|region_code|period")


def load(settings: Settings, folders: Iterable[Path] | None = None) -> int:
    """Enter every row of the `corrections.csv` below `folders` (default: the settings' registers); how many are new.

    All files are checked before the first row is entered; raises SchoolhouseError naming file and row of a fault.
    """
    roots = settings.registers if folders is None else tuple(folders)
    rows = [row for path in find_files(roots, FILE) for row in read_rows(path, FIELDS)]
    entries = [
        {"correction_id": entry_id("c", [row[name] for name in FIELDS]), **row, "registered_at": l.now()}
        for row in rows
    ]
    return enter_new(l.Ledger.open(settings), l.declared_correction, "correction_id", entries)


def in_force(ledger: l.Ledger, ids: Collection[str] | None = None) -> list[dict[str, Any]]:
    """The newest word on each cell, by id. A row whose two values are the same takes a correction back.

    `ids`: those that an earlier build had, whatever was said since.
    """
    if ids is not None:
        query = sa.select(l.declared_correction).where(l.declared_correction.c.correction_id.in_(sorted(ids)))
        return ledger.rows(query.order_by(l.declared_correction.c.correction_id))
    newest: dict[tuple[str, ...], dict[str, Any]] = {}
    for row in sorted(ledger.rows(sa.select(l.declared_correction)), key=_age):
        newest[tuple(row[name] for name in _CELL)] = row
    return sorted((r for r in newest.values() if r["from_value"] != r["to_value"]), key=lambda r: r["correction_id"])


def _age(row: Mapping[str, Any]) -> tuple[str, str]:
    return row["provided_on"], row["correction_id"]


def is_expired(expires_on: str, today: date | None = None) -> bool:
    """A correction holds through its last day."""
    return date.fromisoformat(expires_on) < (today or date.today())


def freeze(con: duckdb.DuckDBPyConnection, raw: Path, folder: Path, corrections: Sequence[Mapping[str, Any]]) -> None:
    """Make `input_correction` (every correction and what became of it) and, for each source with an applied one,
    `<folder>/<source>.parquet`: the sheet rows it touches, corrected. Needs `input_pin`.
    """
    frozen: list[dict[str, Any]] = []
    for source in sorted({c["source"] for c in corrections}):
        mine = [c for c in corrections if c["source"] == source]
        frozen += _Source(con, raw, source).freeze(mine, folder)
    schema = pa.schema([(name, pa.int64() if name == "row" else pa.string()) for name in _FROZEN])
    table = pa.Table.from_pylist([{name: row.get(name) for name in _FROZEN} for row in frozen], schema=schema)
    con.register("incoming", table)
    con.execute("create table input_correction as select * from incoming order by correction_id")
    con.unregister("incoming")


class _Source:
    """The pinned rows of one source."""

    def __init__(self, con: duckdb.DuckDBPyConnection, raw: Path, source: str) -> None:
        self.con, self.source = con, source
        self.types: dict[str, str] = {}
        self.rows = ""
        if any((raw / source).rglob("*.parquet")):
            read = f"read_parquet('{raw / source}/**/*.parquet', union_by_name = true, hive_partitioning = false)"
            self.rows = f"(select * from {read} where _submission_id in (select submission_id from input_pin))"
            self.types = {name: kind for name, kind, *_ in con.execute(f"describe select * from {read}").fetchall()}

    def freeze(self, corrections: Sequence[Mapping[str, Any]], folder: Path) -> list[dict[str, Any]]:
        judged = [{**c, **self._judge(c)} for c in corrections]
        applied = [c for c in judged if c["outcome"] == "applied"]
        if applied:
            self._write(applied, folder / f"{self.source}.parquet")
        return judged

    def _judge(self, c: Mapping[str, Any]) -> dict[str, Any]:
        key, column = _key(c), c["column_name"]
        if not self.rows:
            return {"outcome": "no_row"}
        if any(name not in self.types or _NOT_CORRECTED.fullmatch(name) for name in (*key, column)):
            return {"outcome": "unknown_column"}
        kind = self.types[column]
        query = (
            f"select _submission_id, _sheet, _row, cast({column} as varchar), {column} is not distinct from "
            f"{_value(c['from_value'], kind)}, {_value(c['to_value'], kind)} is null from {self.rows} "
            f"where {self._condition(c)} order by all limit 2"
        )
        found = self.con.execute(query).fetchall()
        if not found:
            return {"outcome": "no_row"}
        submission, sheet, row, value, same, no_value = found[0]
        place = {"submission_id": submission, "sheet": sheet, "row": row, "found_value": value}
        if len(found) > 1:
            return {"outcome": "ambiguous"}
        if c["to_value"] and no_value:
            return {"outcome": "no_value", **place}
        return {"outcome": "applied" if same else "healed", **place}

    def _condition(self, c: Mapping[str, Any]) -> str:
        parts = [f"region_code = {_quoted(c['region_code'])}", f"period = {_quoted(c['period'])}"]
        parts += [f"cast({name} as varchar) = {_quoted(value)}" for name, value in _key(c).items()]
        return " and ".join(parts)

    def _write(self, applied: Sequence[Mapping[str, Any]], path: Path) -> None:
        """All rows of the sheet rows that are touched: a row of marks is several rows of raw."""
        places = ", ".join(f"({_quoted(c['submission_id'])}, {_quoted(c['sheet'])}, {c['row']})" for c in applied)
        cases = []
        for column in sorted({c["column_name"] for c in applied}):
            mine = [c for c in applied if c["column_name"] == column]
            whens = " ".join(
                f"when {self._condition(c)} then {_value(c['to_value'], self.types[column])}" for c in mine
            )
            cases.append(f"case {whens} else {column} end as {column}")
        query = (
            f"select * replace ({', '.join(cases)}) from {self.rows} "
            f"where (_submission_id, _sheet, _row) in (values {places}) order by all"
        )
        path.parent.mkdir(parents=True, exist_ok=True)
        with atomic_path(path) as aside:
            self.con.execute(f"copy ({query}) to '{aside}' (format parquet, compression zstd)")


def corrected_sources(folder: Path) -> list[str]:
    """Sources of which a build has corrected rows."""
    return sorted(p.stem for p in folder.glob("*.parquet"))


def _key(c: Mapping[str, Any]) -> dict[str, str]:
    return dict(part.split("=", 1) for part in c["row_key"].split(";"))


def _value(text: str, kind: str) -> str:
    return f"try_cast({_quoted(text)} as {kind})" if text else f"cast(null as {kind})"


def _quoted(text: str) -> str:
    return "'" + str(text).replace("'", "''") + "'"
