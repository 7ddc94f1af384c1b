"""Accepted rows to the Parquet files of raw: sorted by content, by row groups, the same bytes from the same rows."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from pathlib import Path

import duckdb
import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from ingest import spreads
from ingest.contracts import Contract
from ingest.documents import Document, slots
from ingest.kernels import pc
from ingest.schema import raw_schema
from ingest.texts import letter
from ingest.unpivot import coded, compact, unpivoted
from warehouse.files import atomic_path
from warehouse.settings import Settings

# Rows of a row group: so many that the texts of a column still fit its dictionary.
GROUP_ROWS = 122_880
# Rows taken from the database at once.
FETCH_ROWS = 65_536
_ORIGIN = ("_submission_id", "_sheet", "_row")
_FROM_CLAIM = ("region_code", "period", "_submission_id", "_file_sha256")


def write(
    settings: Settings, con: duckdb.DuckDBPyConnection, contract: Contract, documents: list[Document], batch_id: str
) -> None:
    """Write one file per partition from `typed`, `claimed`, `claim_info`, `sheet_name` and `person`."""
    slotted = spreads.is_slotted(contract, documents)
    con.execute(f"CREATE OR REPLACE VIEW output AS {_select(contract, documents, slotted)}")
    folder = settings.raw / contract.source
    if not contract.custom.get("partitions"):
        _write_partition(con, contract, documents, folder / f"{batch_id}.parquet", "true", slotted)
        return
    for period, exam in con.execute(
        "SELECT DISTINCT i.period, t.exam_id FROM typed t JOIN claimed c ON c.rid = t.rid AND NOT c.bad "
        "JOIN claim_info i ON i.claim_ix = c.claim_ix ORDER BY ALL"
    ).fetchall():
        path = folder / f"school_year={period}" / f"exam_id={exam}" / f"{batch_id}.parquet"
        _write_partition(con, contract, documents, path, f"period = '{period}' AND exam_id = '{exam}'", slotted)


def _write_partition(
    con: duckdb.DuckDBPyConnection, contract: Contract, documents: list[Document], path: Path, which: str, slotted: bool
) -> None:
    sort = list(contract.custom.get("sort", []))
    own = [c for c in sort if not (slotted and contract.field(c).computed == "unpivot")]
    order = ", ".join([*own, *_ORIGIN])
    texts = _mark_texts(con, contract) if slotted else None
    reader = con.sql(f"SELECT * FROM output WHERE {which} ORDER BY {order}").to_arrow_reader(FETCH_ROWS)
    pieces = (pa.Table.from_batches([b]) for b in reader)
    schema = raw_schema(contract)
    if texts is not None:
        prefix = sort[: next((i for i, c in enumerate(sort) if c not in own), len(sort))]
        _write_groups(path, schema, _marks(contract, documents, texts, pieces, prefix))
    else:
        _write_groups(path, schema, (t.cast(schema) for t in _grouped(pieces)))


def _grouped(pieces: Iterator[pa.Table]) -> Iterator[pa.Table]:
    held: list[pa.Table] = []
    for piece in pieces:
        held.append(piece)
        while sum(map(len, held)) >= GROUP_ROWS:
            whole = pa.concat_tables(held)
            yield whole.slice(0, GROUP_ROWS)
            held = [whole.slice(GROUP_ROWS)]
    if any(map(len, held)):
        yield pa.concat_tables(held)


def _write_groups(path: Path, schema: pa.Schema, groups: Iterable[pa.Table]) -> None:
    """One group is written while the next one is made: the writer needs no interpreter."""
    writer: pq.ParquetWriter | None = None
    with atomic_path(path) as aside, ThreadPoolExecutor(1) as hand:
        written: Future[None] | None = None
        for group in groups:
            if writer is None:
                # Columns may come as codes with their texts: in the file they are the plain columns of raw.
                plain = group.schema.equals(schema)
                writer = pq.ParquetWriter(aside, group.schema, compression="zstd", version="2.6", store_schema=plain)
            if written:
                written.result()
            written = hand.submit(writer.write_table, group.combine_chunks(), row_group_size=GROUP_ROWS)
        if written:
            written.result()
        if writer is None:
            pq.write_table(schema.empty_table(), aside, compression="zstd", version="2.6")
        else:
            writer.close()


def _mark_texts(con: duckdb.DuckDBPyConnection, contract: Contract) -> pa.Table:
    """What the codes of marks stand for: text (code 0: blank), status, score in the type of raw."""
    kind = next(f.type for f in contract.fields if f.computed == "unpivot" and f.type.startswith("DECIMAL"))
    return con.sql(
        f"SELECT text, status, CASE WHEN status = 'scored' THEN try_cast(number AS {kind}) END AS score "
        "FROM mark_text ORDER BY code"
    ).to_arrow_table()


def _marks(
    contract: Contract, documents: list[Document], read: pa.Table, pupils: Iterator[pa.Table], prefix: list[str]
) -> Iterator[pa.Table]:
    """Row groups of marks from rows of pupils."""
    spread, schema = slots(documents), raw_schema(contract)
    texts, status, scores = (read.column(i).combine_chunks() for i in range(3))
    state = status.dictionary_encode()
    states = pc.fill_null(state.indices, -1).to_numpy()
    letters, at = _letters(documents, spread.items)
    items = pa.array(spread.items, pa.string())
    made = {f.name for f in contract.fields if f.computed == "unpivot"}
    for table, pupil, slot, code in unpivoted(pupils, prefix, spread.items, GROUP_ROWS):
        first = int(pupil.min())
        near, index = table.slice(first, int(pupil.max()) + 1 - first), pupil - first
        columns = {}
        for field in schema:
            if field.name not in made:
                column = near.column(field.name)
                columns[field.name] = (
                    coded(column, index)
                    if pa.types.is_string(field.type)
                    else column.take(pa.array(index)).cast(field.type)
                )
            elif field.name == "subject":
                columns[field.name] = compact(items, slot.astype(np.int32))
            elif field.name == "score":
                columns[field.name] = scores.take(pa.array(code))
            elif field.name == "score_status":
                columns[field.name] = compact(state.dictionary, states[code])
            elif field.name == "mark_raw":
                columns[field.name] = compact(texts, code)
            else:
                sheet = near.column("sheet_no").to_numpy()[index]
                columns[field.name] = compact(letters, at[sheet, slot])
        yield pa.table(columns)


def _letters(documents: list[Document], items: tuple[str, ...]) -> tuple[pa.Array, np.ndarray]:
    """(column letters, their number by sheet number and slot; -1 where the sheet has no such column)."""
    sheets = [layout for d in documents for _, _, layout in d.loaded]
    at = np.full((len(sheets), len(items)), -1, np.int32)
    for n, layout in enumerate(sheets):
        for k, item in enumerate(items):
            at[n, k] = layout.spread.get(item, -1)
    return pa.array([letter(i) for i in range(int(at.max(initial=0)) + 1)], pa.string()), at


def _select(contract: Contract, documents: list[Document], slotted: bool) -> str:
    columns, spread = [], spreads.columns(contract) if contract.unpivot else {}
    for f in contract.stored_fields:
        if f.custom.get("pseudonym"):
            key = f"p_{f.name}.key"
            columns.append(f"{f'coalesce({key}, t.found_key)' if 'foundBy' in f.custom else key} AS {f.name}")
        elif f.computed == "unpivot":
            columns += [] if slotted else [f"{spread[f.name]} AS {f.name}"]
        else:
            columns.append(f"t.{f.name}")
    own = {f.name for f in contract.stored_fields}
    columns += [f"i.{c}" for c in _FROM_CLAIM if c not in own]
    joins = " ".join(
        f"LEFT JOIN person p_{f.name} ON p_{f.name}.field = '{f.name}' AND p_{f.name}.region = t.region_code_of_file "
        f"AND p_{f.name}.ident = t.{f.name}"
        for f in contract.pseudonyms
    )
    marks = ""
    if slotted:
        marks_of = [f"t.c_{k}" for k in range(len(slots(documents).items))]
        columns += ["n.sheet_no", *marks_of]
    elif contract.unpivot:
        marks = "JOIN typed_mark m ON m.rid = t.rid"
    origin = "n._sheet, t._row"
    return (
        f"SELECT {', '.join(columns)}, {origin} FROM typed t JOIN claimed c ON c.rid = t.rid AND NOT c.bad "
        "JOIN claim_info i ON i.claim_ix = c.claim_ix JOIN sheet_name n ON n.file_ix = t.file_ix "
        f"AND n.sheet_ix = t.sheet_ix {joins} {marks}"
    )
