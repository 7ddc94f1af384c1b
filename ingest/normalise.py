"""Text tables to typed rows and rejects, as sets, in one in-memory DuckDB per batch."""

from __future__ import annotations

from collections.abc import Callable, Mapping

import duckdb
import pyarrow as pa

from ingest import expressions as ex
from ingest import spreads
from ingest.contracts import Contract, Field
from ingest.documents import Document, tables
from ingest.periods import parse
from ingest.reference import Reference
from ingest.texts import letter
from ingest.vault import canonical

# Looks canonical identifiers up: those that are known, with the person's key.
Finder = Callable[[list[str]], Mapping[str, str]]


def connect() -> duckdb.DuckDBPyConnection:
    con = duckdb.connect()
    for statement in ex.macros():
        con.execute(statement)
    return con


def open_batch(con: duckdb.DuckDBPyConnection, documents: list[Document]) -> None:
    """Make the text tables `base` (a row per sheet row, `rid`) and `mark` (a row per spread cell) of the documents."""
    rows, marks = tables(documents)
    con.register("base_in", rows)
    con.register("mark_in", marks)
    con.execute("CREATE TABLE base AS SELECT row_number() OVER () AS rid, * FROM base_in")
    con.execute(
        "CREATE TABLE mark AS SELECT b.rid, b.file_ix, b.sheet_ix, b._row, b.cls, m.subject, m.letter, m.mark "
        "FROM mark_in m JOIN base b USING (file_ix, sheet_ix, _row)"
    )
    spreads.add_long_marks(con, documents)


def marked_pairs(con: duckdb.DuckDBPyConnection, contract: Contract) -> dict[tuple[int, int], set[tuple[str, str]]]:
    """(file, sheet) -> the (grade, subject) that have a filled cell."""
    grade = ex.typed(contract.field("grade"))
    found: dict[tuple[int, int], set[tuple[str, str]]] = {}
    for file_ix, sheet_ix, value, subject in con.execute(
        f"SELECT DISTINCT b.file_ix, b.sheet_ix, {grade}, m.subject FROM mark m JOIN base b USING (rid) "
        "WHERE m.mark IS NOT NULL AND b.cls = 'data'"
    ).fetchall():
        if value is not None:
            found.setdefault((file_ix, sheet_ix), set()).add((str(value), subject))
    return found


def type_rows(
    con: duckdb.DuckDBPyConnection,
    contract: Contract,
    documents: list[Document],
    ref: Reference,
    find: Finder | None = None,
) -> None:
    """Make `typed`, `typed_mark` (spread sources) and `rejected` (rid, letter, field, rule) from the text tables.

    `find` resolves aliases (an exam number) of rows that have no identifier of their own.
    """
    _register(con, contract, documents, ref)
    values = ", ".join(f"{ex.typed(f)} AS {f.name}" for f in contract.read_fields)
    texts = ", ".join(f"b.t_{f.name}" for f in contract.read_fields)
    own = contract.custom.get("regionFrom") == "own_rows"
    con.execute(
        f"CREATE TABLE typed_1 AS SELECT b.rid, b.file_ix, b.sheet_ix, b._row, {texts}, {values}, "
        f"{'left(b.t_region_code, 6)' if own else 's.region'} AS region_code_of_file, "
        f"{_period(contract)} AS period_of_row, s.exam_id AS exam_id_of_sheet "
        f"FROM base b JOIN sheet s USING (file_ix, sheet_ix) {_names(contract)} WHERE b.cls = 'data'"
    )
    exam = "exam_id_of_sheet" if contract.of_exam else "left(md5(region_code_of_file || '|' || exam_name), 16)"
    has_exam = any(f.computed == "exam_id" for f in contract.fields)
    found = _find(con, contract, find)
    con.execute(f"CREATE TABLE typed AS SELECT *, {exam if has_exam else 'NULL'} AS exam_id, {found} FROM typed_1")
    if contract.unpivot:
        spreads.type_marks(con, contract)
    _reject(con, contract)


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
    for f in contract.period_fields:
        texts = [t for (t,) in con.execute(f"SELECT DISTINCT t_{f.name} FROM base").fetchall() if t]
        con.register(f"years_{f.name}", pa.table({"text": pa.array(texts, pa.string()),
                     "period": pa.array([parse(contract.clock, t) for t in texts], pa.string())}))  # fmt: skip


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


def _reject(con: duckdb.DuckDBPyConnection, contract: Contract) -> None:
    checks = ", ".join(
        f"CASE WHEN {condition} THEN {ex.quote(f'{field}:{rule}')} END"
        for condition, field, rule in ex.rejections(contract)
    )
    con.execute(
        f"CREATE TABLE found AS SELECT rid, split_part(hit, ':', 1) AS field, split_part(hit, ':', 2) AS rule FROM "
        f"(SELECT rid, unnest(list_filter([{checks}], lambda x: x IS NOT NULL)) AS hit FROM typed)"
    )
    con.execute(f"INSERT INTO found {_duplicates(contract)}")
    for f in (f for f in contract.read_fields if f.identifier):
        con.execute(f"INSERT INTO found SELECT rid, '{f.name}', 'id_destroyed' FROM ({ex.destroyed_beside(f)})")
    for alias in (f for f in contract.read_fields if f.custom.get("aliasKind", {}).get("scope") == "exam"):
        if "aliasOf" in alias.custom:
            con.execute(f"INSERT INTO found {_shared_aliases(alias)}")
    if contract.unpivot:
        spreads.find_faulty_rows(con, contract)
    con.execute(
        "CREATE TABLE rejected AS SELECT f.rid, coalesce(l.letter, '') AS letter, f.field, f.rule FROM found f "
        "JOIN typed t USING (rid) LEFT JOIN letters l ON l.file_ix = t.file_ix AND l.sheet_ix = "
        "t.sheet_ix AND l.field = f.field"
    )
    if contract.unpivot:
        spreads.reject_marks(con, contract)


def _duplicates(contract: Contract) -> str:
    """Rows of one file with the same key: exact copies go but one; rows that differ go all, none is preferred."""
    if not contract.row_key:
        return "SELECT NULL::BIGINT, NULL, NULL WHERE false"
    key = [_person(contract.field(k)) if contract.field(k).identifier else k for k in contract.row_key]
    cells = ", ".join(f"t_{f.name}" for f in contract.read_fields)
    marks = ("(SELECT string_agg(m.item || '=' || m.mark_raw, ';' ORDER BY m.item) FROM typed_mark m "
             "WHERE m.rid = typed.rid)") if contract.unpivot else "''"  # fmt: skip
    required = [contract.field(k) for k in contract.row_key if contract.field(k).required]
    filled = " AND ".join(f"{_person(f) if f.identifier else f.name} IS NOT NULL" for f in required) or "true"
    first = required[0].name if required else contract.row_key[0]
    return (
        f"SELECT rid, {ex.quote(first)}, CASE WHEN low = high THEN 'duplicate_row' ELSE 'duplicate_key' END FROM ("
        "SELECT rid, min(h) OVER k AS low, max(h) OVER k AS high, count(*) OVER k AS n, "
        "row_number() OVER (PARTITION BY k0 ORDER BY rid) AS nth FROM ("
        f"SELECT rid, hash({cells}, {marks}) AS h, (file_ix, {', '.join(key)}) AS k0 FROM typed WHERE {filled}) "
        "WINDOW k AS (PARTITION BY k0)) WHERE n > 1 AND (nth > 1 OR low <> high)"
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
