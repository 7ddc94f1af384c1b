"""What a build reads of the ledger, frozen: the pin, and the submissions it could have had.

The models and the gate read them as tables `input_<name>` of the build's database.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import duckdb
import pyarrow as pa
import sqlalchemy as sa

from warehouse import ledger as l
from warehouse.files import atomic_parquet, atomic_write

_TABLES = (
    l.submission,
    l.row_class,
    l.reject,
    l.total_mismatch,
    l.claim_conflict,
    l.late_arrival,
    l.edition,
    l.approval,
    l.gate_run,
    l.gate_check,
    l.finding,
    l.explanation,
)
_PINNED = "(select p.submission_id from input_pin as p)"
# What of a table counts in this build, where that is not all of it; `incoming` is the table as it stands.
_COUNTED = {
    # A superseded submission that the pin names counts as current in this build.
    "submission": f"""
        select * replace (
            case
                when status <> 'superseded' then status
                when rows_rejected > 0 then 'partial'
                else 'accepted'
            end as status
        )
        from incoming
        where submission_id in {_PINNED} or status in ('rejected', 'waiting')
        order by submission_id""",
    # Over once the claim was superseded in turn; an overlap also when the other one was.
    "claim_conflict": f"""
        select * from incoming
        where submission_id in {_PINNED} and (kind <> 'overlap' or other_submission_id in {_PINNED})""",
}


def write_inputs(ledger: l.Ledger, folder: Path, ids: Sequence[str], pin: dict[str, Any], database: Path) -> None:
    """Write the pin, submissions `ids`, and the ledger's tables into `database`, and the pin's files into `folder`.

    An edition's manifest names its inputs by `pin.parquet` and `ledger/submission.parquet`, without an engine.
    """
    folder.mkdir(parents=True, exist_ok=True)
    atomic_write(folder / "pin.json", json.dumps(pin, indent=1))
    pinned = pa.table({"submission_id": pa.array(ids, pa.string())})
    atomic_parquet(folder / "pin.parquet", pinned)
    with duckdb.connect(database) as con:
        con.execute("begin")
        _create(con, "pin", pinned)
        for table in _TABLES:
            _create(con, table.name, _read(ledger, table))
        con.execute("commit")
        submissions = con.sql("select * from input_submission order by submission_id").to_arrow_table()
    atomic_parquet(folder / "ledger" / "submission.parquet", submissions)


def _read(ledger: l.Ledger, table: sa.Table) -> pa.Table:
    """A table of the ledger by columns; a house of a city has a hundred thousand submissions."""
    with ledger.engine.connect() as connection:
        rows = connection.execute(sa.select(table).order_by(*table.primary_key.columns)).fetchall()
    columns = zip(*rows, strict=True) if rows else ([] for _ in table.columns)
    kinds = [pa.int64() if isinstance(c.type, sa.Integer) else pa.string() for c in table.columns]
    arrays = [pa.array(values, kind) for values, kind in zip(columns, kinds, strict=True)]
    return pa.table(arrays, names=[c.name for c in table.columns])


def _create(con: duckdb.DuckDBPyConnection, name: str, content: pa.Table) -> None:
    con.register("incoming", content)
    con.execute(f"create table input_{name} as {_COUNTED.get(name, 'select * from incoming')}")
    con.unregister("incoming")
