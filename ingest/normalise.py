"""Text tables to typed rows and rejects, as sets, in one in-memory DuckDB per batch."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path

import duckdb
import pyarrow as pa

from ingest import expressions as ex
from ingest import spreads
from ingest.contracts import Contract, Field
from ingest.documents import Document, Slots, row_tables, slots
from ingest.periods import parse
from ingest.reference import Reference
from ingest.texts import letter
from ingest.vault import canonical

# Looks canonical identifiers up: those that are known, with the person's key.
Finder = Callable[[list[str]], Mapping[str, str]]
# What the database holds in memory; the rest lies on disk while it works.
MEMORY = "640MB"
# From so many rows on, texts that come so many times each are typed once.
FEW_ROWS, REPEATS = 20_000, 8
# Rows that one thread takes at a time.
BATCH_ROWS = 16_384
# Up to so many rows of sheets, making a statement better costs several times what it saves: its expressions are long.
PLAIN_ROWS = 5_000


def connect(folder: Path | None = None) -> duckdb.DuckDBPyConnection:
    """A database in memory with the cell macros; what does not fit goes to `folder` (identity zone) while it works."""
    con = duckdb.connect()
    con.execute(f"SET memory_limit = '{MEMORY}'")
    con.execute("SET preserve_insertion_order = false")
    if folder:
        con.execute(f"SET temp_directory = {ex.quote(str(folder))}")
    for statement in ex.macros():
        con.execute(statement)
    return con


def marked_pairs(
    con: duckdb.DuckDBPyConnection, contract: Contract, documents: list[Document]
) -> dict[tuple[int, int], set[tuple[str, str]]]:
    """(file, sheet) -> the (grade, subject) that have a filled cell; nothing for sheets without pupils' marks."""
    if not contract.unpivot or "blocks" in contract.unpivot:
        return {}
    found: dict[tuple[int, int], set[tuple[str, str]]] = {}
    spread = slots(documents)
    for piece in row_tables(documents, spread.items, ["grade", *spreads.long_fields(contract)]):
        con.register("base", piece)
        for file_ix, sheet_ix, value, subject in spreads.pairs(con, contract, documents, spread):
            found.setdefault((file_ix, sheet_ix), set()).add((value, subject))
        con.unregister("base")
    return found


def type_rows(
    con: duckdb.DuckDBPyConnection,
    contract: Contract,
    documents: list[Document],
    ref: Reference,
    find: Finder | None = None,
) -> None:
    """Make `typed` (a row per data row), `rejected` (rid, letter, field, rule) and, for spread sources, the marks.

    Rows are typed and checked in pieces; what concerns a whole file (keys that repeat) is looked at when all are
    there. `find` resolves aliases (an exam number) of rows that have no identifier of their own.
    """
    if sum(s.sheet.table.num_rows for d in documents for s in d.sheets) <= PLAIN_ROWS:
        con.execute("PRAGMA disable_optimizer")
    spread = slots(documents)
    _register(con, contract, documents, ref)
    if contract.unpivot:
        spreads.register(con, contract, documents, spread)
    passing = [f"t_{f.name}" for f in contract.read_fields]
    slotted = spreads.is_slotted(contract, documents)
    for k in range(len(spread.items)):
        passing += [f"{c}_{k}" for c in ("m", *(("known", "scored", "n", "p") if slotted else ()))]
    pieces = row_tables(documents, spread.items, [f.name for f in contract.read_fields])
    if any(f.custom.get("rate") for f in contract.read_fields):
        # How a rate is written is told by its whole column.
        pieces = iter([pa.concat_tables(pieces)])
    for n, piece in enumerate(pieces):
        # Threads share a table batch by batch: a piece of one batch would keep one of them at work.
        con.register("base", pa.Table.from_batches(piece.to_batches(BATCH_ROWS), piece.schema))
        _type_piece(con, contract, documents, spread, find)
        _check_piece(con, contract, documents, spread)
        for table, whole in (("typed", f"* EXCLUDE ({', '.join(passing)})"), ("found", "*"), ("marks_found", "*")):
            con.execute(f"{_into(f'all_{table}', n)} SELECT {whole} FROM {table}")
        if contract.unpivot and not slotted:
            con.execute(f"{_into('all_typed_mark', n)} SELECT * FROM typed_mark")
        con.unregister("base")
    for table in ("typed", "found", "marks_found", "typed_mark"):
        con.execute(f"DROP TABLE IF EXISTS {table}")
        con.execute(f"ALTER TABLE IF EXISTS all_{table} RENAME TO {table}")
    _reject(con, contract)


def _into(table: str, piece: int) -> str:
    return f"INSERT INTO {table}" if piece else f"CREATE OR REPLACE TABLE {table} AS"


def _type_piece(
    con: duckdb.DuckDBPyConnection, contract: Contract, documents: list[Document], spread: Slots, find: Finder | None
) -> None:
    """Make `typed` of the piece in `base`, with the texts its checks look at."""
    for f in contract.period_fields:
        texts = [t for (t,) in con.execute(f"SELECT DISTINCT t_{f.name} FROM base").fetchall() if t]
        con.register(f"years_{f.name}", pa.table({"text": pa.array(texts, pa.string()),
                     "period": pa.array([parse(contract.clock, t) for t in texts], pa.string())}))  # fmt: skip
    columns, joins = _values(con, contract)
    cells = [*(f"b.t_{f.name}" for f in contract.read_fields), *(f"b.m_{k}" for k in range(len(spread.items)))]
    own = contract.custom.get("regionFrom") == "own_rows"
    con.execute(
        f"CREATE OR REPLACE TEMP VIEW typed_1 AS SELECT b.rid, b.file_ix, b.sheet_ix, b._row, {', '.join(cells)}, "
        f"{', '.join(columns)}, {'left(b.t_region_code, 6)' if own else 's.region'} AS region_code_of_file, "
        f"{_period(contract)} AS period_of_row, s.exam_id AS exam_id_of_sheet, hash({', '.join(cells)}) AS cells_hash "
        f"FROM base b JOIN sheet s USING (file_ix, sheet_ix) {joins} {_names(contract)} WHERE b.cls = 'data'"
    )
    exam = "exam_id_of_sheet" if contract.of_exam else "left(md5(region_code_of_file || '|' || exam_name), 16)"
    exam = exam if any(f.computed == "exam_id" for f in contract.fields) else "NULL"
    found = _find(con, contract, find)
    wide = more = ""
    if spreads.is_slotted(contract, documents):
        spreads.add_texts(con, spread)
        wide, more = spreads.slot_columns(spread, exam)
    con.execute(
        f"CREATE OR REPLACE TABLE typed AS SELECT typed_1.*, {exam} AS exam_id, {found}{wide} FROM typed_1 {more}"
    )
    if contract.unpivot and not spreads.is_slotted(contract, documents):
        spreads.type_marks(con, contract, spread)


def open_summaries(con: duckdb.DuckDBPyConnection, contract: Contract, documents: list[Document]) -> None:
    """Make `base` (and `mark`) of the sheets that have a line that speaks for others."""
    spread = slots(documents)
    names = [f.name for f in contract.read_fields]
    con.register("base", pa.concat_tables(row_tables(documents, spread.items, names, summed=True)))
    if contract.unpivot:
        spreads.open_marks(con, contract, spread)


def _values(con: duckdb.DuckDBPyConnection, contract: Contract) -> tuple[list[str], str]:
    """(expressions of the typed values, joins they need). Texts that repeat are typed once each, in a table."""
    own = {f.name: ex.typed(f) for f in contract.read_fields}
    more = {"rate", "derive", "codeFromName"}
    alone = {f.name for f in contract.read_fields if not (f.unit or more & f.custom.keys())}
    apart = [n for n, e in own.items() if n in alone and e != f"b.t_{n}"]
    counts = [f"approx_count_distinct(t_{n})" for n in apart]
    rows, *different = con.execute(f"SELECT {', '.join(['count(*)', *counts])} FROM base").fetchall()[0]
    repeated = [n for n, d in zip(apart, different, strict=True) if rows > FEW_ROWS and d * REPEATS < rows]
    for n in repeated:
        con.execute(
            f"CREATE OR REPLACE TABLE text_{n} AS SELECT t_{n} AS text, {own[n]} AS value "
            f"FROM (SELECT DISTINCT t_{n} FROM base) b"
        )
        own[n] = f"v_{n}.value"
    joins = " ".join(f"LEFT JOIN text_{n} v_{n} ON v_{n}.text IS NOT DISTINCT FROM b.t_{n}" for n in repeated)
    return [f"{e} AS {n}" for n, e in own.items()], joins


def _register(con: duckdb.DuckDBPyConnection, contract: Contract, documents: list[Document], ref: Reference) -> None:
    constants = []
    for file_ix, d in enumerate(documents):
        for sheet_ix, reading, _ in d.loaded:
            row = {"file_ix": file_ix, "sheet_ix": sheet_ix, "region": d.region, "period": reading.period}
            row["exam_id"] = reading.exam_id
            row |= {f"d_{f.name}": reading.derived.get(f.name) for f in contract.read_fields if "derive" in f.custom}
            row |= {f"f_{f.name}": reading.factors.get(f.name, 1) for f in contract.read_fields if f.unit}
            constants.append(row)
    kinds = {"file_ix": pa.int32(), "sheet_ix": pa.int32()}
    kinds |= {f"f_{f.name}": pa.int32() for f in contract.read_fields if f.unit}
    schema = pa.schema([(k, kinds.get(k, pa.string())) for k in constants[0]])
    con.register("sheet", pa.Table.from_pylist(constants, schema))
    letters = [
        {"file_ix": file_ix, "sheet_ix": sheet_ix, "field": name, "letter": letter(i)}
        for file_ix, d in enumerate(documents)
        for sheet_ix, _, layout in d.loaded
        for name, i in layout.fields.items()
    ]
    con.register("letters", pa.Table.from_pylist(letters))
    con.register("school", ref.school_table)
    con.register("school_name", ref.name_table)
    con.register("parameter", ref.parameter_table)
    con.register("county", pa.table({"code": pa.array(sorted(ref.counties), pa.string())}))


def _names(contract: Contract) -> str:
    """Joins that find a school's code by its name, where a name is one school's alone in the region."""
    return " ".join(
        f"LEFT JOIN school_name k_{f.name} ON k_{f.name}.region_code = s.region AND "
        f"k_{f.name}.school_name = squeeze(b.t_{f.custom['codeFromName']})"
        for f in contract.read_fields
        if "codeFromName" in f.custom
    )


def _find(con: duckdb.DuckDBPyConnection, contract: Contract, find: Finder | None) -> str:
    """Make `alias_found` (exam, alias, key) of the rows that name a person by an alias only; SQL of `found_key`."""
    field = next((f for f in contract.read_fields if "foundBy" in f.custom), None)
    if field is None:
        return "NULL AS found_key"
    alias: Field = contract.field(field.custom["foundBy"])
    pairs = con.execute(
        f"SELECT DISTINCT exam_id_of_sheet, {alias.name} FROM typed_1 "
        f"WHERE {field.name} IS NULL AND {alias.name} IS NOT NULL ORDER BY ALL"
    ).fetchall()
    names = [canonical(alias.custom["aliasKind"]["kind"], exam or "", number) for exam, number in pairs]
    known = find(names) if find and names else {}
    hits = [(exam, number, known[n]) for (exam, number), n in zip(pairs, names, strict=True) if n in known]
    columns = list(zip(*hits, strict=True)) or [(), (), ()]
    con.register(
        "alias_found",
        pa.table({k: pa.array(v, pa.string()) for k, v in zip(("exam", "alias", "key"), columns, strict=True)}),
    )
    return (
        f"CASE WHEN {field.name} IS NULL THEN (SELECT a.key FROM alias_found a WHERE a.exam = exam_id_of_sheet "
        f"AND a.alias = typed_1.{alias.name}) END AS found_key"
    )


def _period(contract: Contract) -> str:
    parts = [f"(SELECT period FROM years_{f.name} y WHERE y.text = b.t_{f.name})" for f in contract.period_fields]
    return f"coalesce({', '.join([*parts, 's.period'])})" if parts else "s.period"


def _check_piece(con: duckdb.DuckDBPyConnection, contract: Contract, documents: list[Document], spread: Slots) -> None:
    """Make `found` (rid, field, rule) and `marks_found` (rid, letter, item, rule) of the piece in `typed`."""
    checks = ", ".join(
        f"CASE WHEN {condition} THEN {ex.quote(f'{field}:{rule}')} END"
        for condition, field, rule in ex.rejections(contract)
    )
    con.execute(
        "CREATE OR REPLACE TABLE found AS SELECT rid, split_part(hit, ':', 1) AS field, split_part(hit, ':', 2) "
        f"AS rule FROM (SELECT rid, unnest(list_filter([{checks}], lambda x: x IS NOT NULL)) AS hit FROM typed)"
    )
    con.execute("CREATE OR REPLACE TABLE marks_found (rid BIGINT, letter VARCHAR, field VARCHAR, rule VARCHAR)")
    if contract.unpivot:
        if spreads.is_slotted(contract, documents):
            spreads.check_slots(con, spread)
        else:
            spreads.find_faulty_rows(con, contract)
            spreads.reject_marks(con, contract)


def _reject(con: duckdb.DuckDBPyConnection, contract: Contract) -> None:
    _find_duplicates(con, contract)
    for f in (f for f in contract.read_fields if f.identifier):
        con.execute(f"INSERT INTO found SELECT rid, '{f.name}', 'id_destroyed' FROM ({ex.destroyed_beside(f)})")
    for alias in (f for f in contract.read_fields if f.custom.get("aliasKind", {}).get("scope") == "exam"):
        if "aliasOf" in alias.custom:
            con.execute(f"INSERT INTO found {_shared_aliases(alias)}")
    con.execute(
        "CREATE TABLE rejected AS SELECT f.rid, coalesce(l.letter, '') AS letter, f.field, f.rule FROM found f "
        "JOIN typed t USING (rid) LEFT JOIN letters l ON l.file_ix = t.file_ix AND l.sheet_ix = "
        "t.sheet_ix AND l.field = f.field"
    )
    con.execute("INSERT INTO rejected SELECT * FROM marks_found")


def _find_duplicates(con: duckdb.DuckDBPyConnection, contract: Contract) -> None:
    """Rows of one file with the same key: exact copies go but one; rows that differ go all, none is preferred."""
    if not contract.row_key:
        return
    key = [_person(contract.field(k)) if contract.field(k).identifier else k for k in contract.row_key]
    required = [contract.field(k) for k in contract.row_key if contract.field(k).required]
    filled = " AND ".join(f"{_person(f) if f.identifier else f.name} IS NOT NULL" for f in required) or "true"
    first = required[0].name if required else contract.row_key[0]
    names = ["file_ix", *(f"k{i}" for i in range(len(key)))]
    keys = ", ".join(["file_ix", *(f"{k} AS k{i}" for i, k in enumerate(key))])
    con.execute(
        f"CREATE TEMP TABLE repeated AS SELECT {', '.join(names)} FROM (SELECT {keys} FROM typed WHERE {filled}) "
        "GROUP BY ALL HAVING count(*) > 1"
    )
    if not con.execute("SELECT count(*) FROM repeated").fetchall()[0][0]:
        return
    same = " AND ".join(f"q.{n} IS NOT DISTINCT FROM r.{n}" for n in names)
    con.execute(
        f"INSERT INTO found SELECT rid, {ex.quote(first)}, CASE WHEN low = high THEN 'duplicate_row' "
        "ELSE 'duplicate_key' END FROM (SELECT rid, min(cells_hash) OVER k AS low, max(cells_hash) OVER k AS high, "
        f"row_number() OVER (PARTITION BY {', '.join(names)} ORDER BY rid) AS nth FROM (SELECT q.* FROM "
        f"(SELECT rid, cells_hash, {keys} FROM typed WHERE {filled}) q JOIN repeated r ON {same}) "
        f"WINDOW k AS (PARTITION BY {', '.join(names)})) WHERE nth > 1 OR low <> high"
    )


def _shared_aliases(alias: Field) -> str:
    """Rows that give one exam number to several pupils: nobody can say whose it is."""
    person = f"person_form({alias.custom['aliasOf']})"
    return (
        f"SELECT rid, '{alias.name}', 'duplicate_key' FROM (SELECT rid, min({person}) OVER k <> max({person}) OVER k "
        f"AS several FROM typed WHERE {alias.name} IS NOT NULL "
        f"WINDOW k AS (PARTITION BY file_ix, exam_id, {alias.name})) WHERE several"
    )


def _person(f: Field) -> str:
    return f"coalesce(person_form({f.name}), found_key)" if "foundBy" in f.custom else f"person_form({f.name})"
