"""Text tables to typed rows and rejects, as sets, in one in-memory DuckDB per batch."""

from __future__ import annotations

from collections.abc import Iterable

import duckdb
import pyarrow as pa

from ingest import expressions as ex
from ingest.contracts import Contract, load_yaml
from ingest.documents import Document, tables
from ingest.periods import parse
from ingest.reference import Reference
from ingest.texts import letter


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


def type_rows(con: duckdb.DuckDBPyConnection, contract: Contract, documents: list[Document], ref: Reference) -> None:
    """Make `typed`, `typed_mark` (spread sources) and `rejected` (rid, letter, field, rule) from the text tables."""
    _register(con, contract, documents, ref)
    values = ", ".join(f"{ex.typed(f)} AS {f.name}" for f in contract.read_fields)
    texts = ", ".join(f"b.t_{f.name}" for f in contract.read_fields)
    own = contract.custom.get("regionFrom") == "own_rows"
    con.execute(
        f"CREATE TABLE typed_1 AS SELECT b.rid, b.file_ix, b.sheet_ix, b._row, {texts}, {values}, "
        f"{'left(b.t_region_code, 6)' if own else 's.region'} AS region_code_of_file, "
        f"{_period(contract)} AS period_of_row, s.exam_id AS exam_id_of_sheet "
        "FROM base b JOIN sheet s USING (file_ix, sheet_ix) WHERE b.cls = 'data'"
    )
    exam = "exam_id_of_sheet" if contract.unpivot else "left(md5(region_code_of_file || '|' || exam_name), 16)"
    has_exam = any(f.computed == "exam_id" for f in contract.fields)
    con.execute(f"CREATE TABLE typed AS SELECT *, {exam if has_exam else 'NULL'} AS exam_id FROM typed_1")
    if contract.unpivot:
        _type_marks(con)
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
    con.register("parameter", ref.parameter_table)
    con.register("county", pa.table({"code": pa.array(sorted(ref.counties), pa.string())}))
    for f in contract.period_fields:
        texts = [t for (t,) in con.execute(f"SELECT DISTINCT t_{f.name} FROM base").fetchall() if t]
        con.register(f"years_{f.name}", pa.table({"text": pa.array(texts, pa.string()),
                     "period": pa.array([parse(contract.clock, t) for t in texts], pa.string())}))  # fmt: skip


def _period(contract: Contract) -> str:
    parts = [f"(SELECT period FROM years_{f.name} y WHERE y.text = b.t_{f.name})" for f in contract.period_fields]
    return f"coalesce({', '.join([*parts, 's.period'])})" if parts else "s.period"


def _type_marks(con: duckdb.DuckDBPyConnection) -> None:
    """Marks with status and score; a blank cell of a subject that the grade did not sit is no mark."""
    con.execute(
        f"CREATE TABLE typed_mark AS SELECT m.rid, m.subject, m.letter, coalesce(m.mark, '') AS mark_raw, "
        f"{ex.mark_status('m.mark')} AS score_status, num(m.mark) AS number, p.full_mark "
        "FROM mark m JOIN typed t USING (rid) LEFT JOIN parameter p ON p.region_code = t.region_code_of_file "
        "AND p.exam_id = t.exam_id AND p.grade = t.grade AND p.subject = m.subject "
        "WHERE m.mark IS NOT NULL OR p.full_mark IS NOT NULL"
    )


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
    if contract.unpivot:
        tolerance = load_yaml("row_classes")["total_tolerance"]
        con.execute(
            "INSERT INTO found SELECT rid, 'total', 'total_mismatch' FROM typed t JOIN (SELECT rid, "
            "sum(number) AS added "
            "FROM typed_mark GROUP BY rid HAVING count(*) = count(*) FILTER (WHERE score_status = "
            "'scored')) m USING (rid) "
            f"WHERE t.total IS NOT NULL AND abs(t.total - m.added) > {tolerance}"
        )
    con.execute(
        "CREATE TABLE rejected AS SELECT f.rid, coalesce(l.letter, '') AS letter, f.field, f.rule FROM found f "
        "JOIN typed t USING (rid) LEFT JOIN letters l ON l.file_ix = t.file_ix AND l.sheet_ix = "
        "t.sheet_ix AND l.field = f.field"
    )
    if contract.unpivot:
        con.execute(
            "INSERT INTO rejected SELECT rid, letter, subject, CASE WHEN score_status IS NULL THEN 'bad_mark' "
            "WHEN number < 0 THEN 'negative_score' ELSE 'above_full_mark' END FROM typed_mark "
            "WHERE score_status IS NULL OR (score_status = 'scored' AND (number < 0 OR number > full_mark))"
        )


def _duplicates(contract: Contract) -> str:
    """Rows of one file with the same key: exact copies go but one; rows that differ go all, none is preferred."""
    if not contract.row_key:
        return "SELECT NULL::BIGINT, NULL, NULL WHERE false"
    key = [_person(contract.field(k).name) if contract.field(k).identifier else k for k in contract.row_key]
    cells = ", ".join(f"t_{f.name}" for f in contract.read_fields)
    marks = ("(SELECT string_agg(m.subject || '=' || m.mark_raw, ';' ORDER BY m.subject) FROM typed_mark m "
             "WHERE m.rid = typed.rid)") if contract.unpivot else "''"  # fmt: skip
    required = [k for k in contract.row_key if contract.field(k).required]
    filled = " AND ".join(f"{k} IS NOT NULL" for k in required)
    first = required[0]
    return (
        f"SELECT rid, {ex.quote(first)}, CASE WHEN low = high THEN 'duplicate_row' ELSE 'duplicate_key' END FROM ("
        "SELECT rid, min(h) OVER k AS low, max(h) OVER k AS high, count(*) OVER k AS n, "
        "row_number() OVER (PARTITION BY k0 ORDER BY rid) AS nth FROM ("
        f"SELECT rid, hash({cells}, {marks}) AS h, (file_ix, {', '.join(key)}) AS k0 FROM typed WHERE {filled}) "
        "WINDOW k AS (PARTITION BY k0)) WHERE n > 1 AND (nth > 1 OR low <> high)"
    )


def _person(column: str) -> str:
    return f"regexp_replace({column}, '^[GJ]([0-9]{{17}}[0-9X])$', '\\1')"


def summaries(con: duckdb.DuckDBPyConnection, contract: Contract) -> list[tuple[int, int, int, str, str, str]]:
    """Total and mean rows that do not agree with the rows above: (file, sheet, row, class, field, letter)."""
    if not con.execute("SELECT count(*) FROM base WHERE cls <> 'data'").fetchone()[0]:  # type: ignore[index]
        return []
    settings = load_yaml("row_classes")
    parts: Iterable[str] = [
        f"SELECT b.file_ix, b.sheet_ix, b._row, b.cls, '{f.name}' AS field, l.letter, num(b.t_{f.name}) AS v "
        f"FROM base b JOIN letters l ON l.file_ix = b.file_ix AND l.sheet_ix = b.sheet_ix AND l.field = '{f.name}'"
        for f in contract.read_fields
        if f.numeric and f.custom.get("role") != "total" and (f.stored or f.unit)
    ]
    spread = (
        "SELECT file_ix, sheet_ix, _row, cls, subject AS field, letter, CASE WHEN squeeze(mark) "
        "<> '-1' THEN num(mark) END AS v FROM mark"
    )
    numbers = " UNION ALL ".join([*parts, *([spread] if contract.unpivot else [])])
    if not numbers:
        return []
    return con.execute(
        f"WITH n AS ({numbers}), d AS (SELECT file_ix, sheet_ix, field, sum(v) AS added, avg(v) AS mean FROM n "
        "WHERE cls = 'data' AND v IS NOT NULL GROUP BY ALL) "
        "SELECT n.file_ix, n.sheet_ix, n._row, n.cls, n.field, n.letter FROM n JOIN d USING (file_ix, sheet_ix, field) "
        f"WHERE (n.cls = 'total' AND abs(n.v - d.added) > {settings['total_tolerance']}) "
        f"OR (n.cls = 'mean' AND abs(n.v - d.mean) > {settings['mean_tolerance']}) ORDER BY ALL"
    ).fetchall()
