"""Cells that are rows: marks of a score sheet (a column per subject, or a row per subject) and blocks of a summary."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import duckdb
import pyarrow as pa

from ingest import expressions as ex
from ingest.contracts import Contract, load_yaml
from ingest.documents import Document, Slots
from ingest.texts import letter

# Parts of a block's header in the name of its column: grade, subject, metric.
BLOCK_PARTS = ("grade", "subject", "metric")


def is_slotted(contract: Contract, documents: list[Document]) -> bool:
    """Whether every mark has a column of its own: then a pupil stays one row until it is written."""
    unpivot = contract.unpivot
    return unpivot is not None and "blocks" not in unpivot and not _long_sheets(contract, documents)


def long_fields(contract: Contract) -> list[str]:
    """Fields that hold item and mark where a sheet has a row for each."""
    return list((contract.unpivot or {}).get("long", {}).values())


def _long_sheets(contract: Contract, documents: list[Document]) -> list[dict[str, Any]]:
    long = (contract.unpivot or {}).get("long")
    if not long:
        return []
    return [
        {"file_ix": f, "sheet_ix": s, "letter": letter(layout.fields[long["value"]])}
        for f, d in enumerate(documents)
        for s, _, layout in d.loaded
        if long["value"] in layout.fields and long["item"] in layout.fields
    ]


def register(con: duckdb.DuckDBPyConnection, contract: Contract, documents: list[Document], spread: Slots) -> None:
    """Make what the marks are looked up in: the columns of each sheet, full marks, and the texts seen so far."""
    con.register("slot", spread.table)
    schema = pa.schema([("file_ix", pa.int32()), ("sheet_ix", pa.int32()), ("letter", pa.string())])
    con.register("long_sheet", pa.Table.from_pylist(_long_sheets(contract, documents), schema))
    if not is_slotted(contract, documents):
        return
    numbered = list(enumerate(spread.items))
    has = "".join(f", bool_or(slot = {k}) AS h_{k}" for k, _ in numbered)
    con.execute(f"CREATE OR REPLACE TABLE sheet_slot AS SELECT file_ix, sheet_ix{has} FROM slot GROUP BY ALL")
    full = "".join(f", max(full_mark) FILTER (subject = {ex.quote(item)}) AS p_{k}" for k, item in numbered)
    con.execute(
        f"CREATE OR REPLACE TABLE full_mark AS SELECT region_code, exam_id, grade{full} FROM parameter GROUP BY ALL"
    )
    con.execute(
        "CREATE OR REPLACE TABLE mark_text AS SELECT 0 AS code, '' AS text, "
        f"{ex.mark_status('NULL::VARCHAR')} AS status, num(NULL) AS number"
    )


def slot_columns(spread: Slots, exam: str) -> tuple[str, str]:
    """(columns, joins) that give each row of `typed_1` per slot: `c` the code of its mark in `mark_text`, NULL where
    there is none; `known` and `scored`; `n` the number; `p` the full mark.

    A blank cell of a subject that the grade did not sit is no mark.
    """
    columns, joins = "", "JOIN sheet_slot h USING (file_ix, sheet_ix) LEFT JOIN full_mark f ON "
    joins += f"f.region_code = typed_1.region_code_of_file AND f.exam_id = typed_1.{exam} AND f.grade = typed_1.grade"
    for k in range(len(spread.items)):
        columns += (
            f", CASE WHEN h.h_{k} AND (typed_1.m_{k} IS NOT NULL OR f.p_{k} IS NOT NULL) "
            f"THEN coalesce(x_{k}.code, 0) END AS c_{k}, x_{k}.status IS NOT NULL AS known_{k}, "
            f"x_{k}.status = 'scored' AS scored_{k}, "
            f"x_{k}.number AS n_{k}, f.p_{k}"
        )
        joins += f" LEFT JOIN mark_text x_{k} ON x_{k}.text = typed_1.m_{k}"
    return columns, joins


def add_texts(con: duckdb.DuckDBPyConnection, spread: Slots) -> None:
    """Enter the texts of the marks in `base` into `mark_text`: each is read once."""
    texts = " UNION ".join(f"SELECT DISTINCT m_{k} AS text FROM base" for k in range(len(spread.items)))
    con.execute(
        "INSERT INTO mark_text SELECT (SELECT count(*) FROM mark_text) + row_number() OVER (ORDER BY text) - 1, text, "
        f"{ex.mark_status('text')}, num(text) FROM ({texts}) WHERE text IS NOT NULL "
        "AND text NOT IN (SELECT text FROM mark_text)"
    )


def check_slots(con: duckdb.DuckDBPyConnection, spread: Slots) -> None:
    """Add to `found` the rows whose marks do not add up, to `marks_found` the cells that are no mark of the subject."""
    slots = range(len(spread.items))
    bad = [f"(m_{k} IS NOT NULL AND (NOT known_{k} OR (scored_{k} AND (n_{k} < 0 OR n_{k} > p_{k}))))" for k in slots]
    rule = "CASE WHEN NOT known_{k} THEN 'bad_mark' WHEN n_{k} < 0 THEN 'negative_score' ELSE 'above_full_mark' END"
    cells = " UNION ALL ".join(
        f"SELECT rid, file_ix, sheet_ix, {k} AS slot, {rule.format(k=k)} AS rule FROM typed WHERE {b}"
        for k, b in zip(slots, bad, strict=True)
    )
    con.execute(
        f"INSERT INTO marks_found SELECT c.rid, s.letter, s.item, c.rule FROM ({cells}) c "
        "JOIN slot s USING (file_ix, sheet_ix, slot)"
    )
    unscored = " OR ".join(f"(c_{k} IS NOT NULL AND scored_{k} IS NOT TRUE)" for k in slots)
    none = " AND ".join(f"c_{k} IS NULL" for k in slots)
    added = " + ".join(f"coalesce(n_{k}, 0)" for k in slots)
    tolerance = load_yaml("row_classes")["total_tolerance"]
    con.execute(
        "INSERT INTO found SELECT rid, 'total', 'total_mismatch' FROM typed WHERE total IS NOT NULL "
        f"AND NOT ({unscored}) AND NOT ({none}) AND abs(total - ({added})) > {tolerance}"
    )


def pairs(
    con: duckdb.DuckDBPyConnection, contract: Contract, documents: list[Document], spread: Slots
) -> Iterator[tuple[int, int, str, str]]:
    """(file, sheet, grade, subject) that have a mark in `base`."""
    grade = ex.typed(contract.field("grade"))
    filled = "".join(f", bool_or(m_{k} IS NOT NULL) AS f_{k}" for k in range(len(spread.items)))
    for file_ix, sheet_ix, value, *marks in con.execute(
        f"SELECT b.file_ix, b.sheet_ix, {grade}, b.* EXCLUDE (file_ix, sheet_ix, t_grade) FROM (SELECT file_ix, "
        f"sheet_ix, t_grade{filled} FROM base WHERE cls = 'data' GROUP BY ALL) b"
    ).fetchall():
        if value is not None:
            for item, is_there in zip(spread.items, marks, strict=True):
                if is_there:
                    yield file_ix, sheet_ix, str(value), item
    sheets = _long_sheets(contract, documents)
    if not sheets:
        return
    item, mark = (contract.unpivot or {})["long"]["item"], (contract.unpivot or {})["long"]["value"]
    schema = pa.schema([("file_ix", pa.int32()), ("sheet_ix", pa.int32()), ("letter", pa.string())])
    con.register("long_sheet", pa.Table.from_pylist(sheets, schema))
    for file_ix, sheet_ix, value, subject in con.execute(
        f"SELECT DISTINCT b.file_ix, b.sheet_ix, {grade}, {ex.typed(contract.field(item))} FROM base b "
        f"JOIN long_sheet USING (file_ix, sheet_ix) WHERE b.cls = 'data' AND b.t_{mark} IS NOT NULL"
    ).fetchall():
        if value is not None and subject is not None:
            yield file_ix, sheet_ix, str(value), subject


def open_marks(con: duckdb.DuckDBPyConnection, contract: Contract, spread: Slots) -> None:
    """Make the view `mark`: a row per spread cell, and per row of a sheet that has one mark a row."""
    slot = " ".join(f"WHEN {k} THEN b.m_{k}" for k in range(len(spread.items)))
    parts = (
        [
            "SELECT b.rid, b.file_ix, b.sheet_ix, b._row, b.cls, s.item AS subject, s.letter, "
            f"CASE s.slot {slot} END AS mark FROM base b JOIN slot s USING (file_ix, sheet_ix)"
        ]
        if spread.items
        else []
    )
    if "long" in (contract.unpivot or {}):
        item, value = long_fields(contract)
        subject = ex.typed(contract.field(item))
        parts.append(
            f"SELECT b.rid, b.file_ix, b.sheet_ix, b._row, b.cls, {subject}, l.letter, b.t_{value} "
            f"FROM base b JOIN long_sheet l USING (file_ix, sheet_ix) WHERE b.t_{item} IS NOT NULL"
        )
    con.execute(f"CREATE OR REPLACE TEMP VIEW mark AS {' UNION ALL '.join(parts)}")


def type_marks(con: duckdb.DuckDBPyConnection, contract: Contract, spread: Slots) -> None:
    """Make `typed_mark` (rid, item, subject, letter, mark_raw, score_status, number, full_mark, ...)."""
    open_marks(con, contract, spread)
    _type_blocks(con, contract) if "blocks" in (contract.unpivot or {}) else _type_scores(con)


def _type_scores(con: duckdb.DuckDBPyConnection) -> None:
    """Marks with status and score; a blank cell of a subject that the grade did not sit is no mark."""
    con.execute(
        f"CREATE OR REPLACE TABLE typed_mark AS SELECT m.rid, m.subject AS item, m.subject, m.letter, "
        f"coalesce(m.mark, '') AS mark_raw, {ex.mark_status('m.mark')} AS score_status, num(m.mark) AS number, "
        "p.full_mark FROM mark m JOIN typed t USING (rid) "
        "LEFT JOIN parameter p ON p.region_code = t.region_code_of_file "
        "AND p.exam_id = t.exam_id AND p.grade = t.grade AND p.subject = m.subject "
        "WHERE m.mark IS NOT NULL OR p.full_mark IS NOT NULL"
    )


def _type_blocks(con: duckdb.DuckDBPyConnection, contract: Contract) -> None:
    """One row per filled cell: grade, subject and metric from its header, the grade also from the sheet's row."""
    grade = (contract.unpivot or {})["blocks"]["grade"]
    parts = {name: f"nullif(split_part(m.subject, '|', {i}), '')" for i, name in enumerate(BLOCK_PARTS, 1)}
    con.execute(
        f"CREATE OR REPLACE TABLE typed_mark AS SELECT m.rid, m.subject AS item, {parts['subject']} AS subject, "
        f"m.letter, m.mark AS mark_raw, CASE WHEN num(m.mark) IS NOT NULL THEN 'scored' END AS score_status, "
        f"num(m.mark) AS number, coalesce(CAST({parts['grade']} AS INTEGER), t.{grade}) AS grade, "
        f"{parts['metric']} AS metric FROM mark m JOIN typed t USING (rid) WHERE m.mark IS NOT NULL"
    )


def find_faulty_rows(con: duckdb.DuckDBPyConnection, contract: Contract) -> None:
    """Add to `found` the rows whose cells do not fit together."""
    unpivot = contract.unpivot or {}
    if "blocks" in unpivot:
        field = unpivot["blocks"]["grade"]
        con.execute(
            f"INSERT INTO found SELECT DISTINCT rid, {ex.quote(field)}, 'required' FROM typed_mark WHERE grade IS NULL"
        )
        return
    if "long" in unpivot:
        item = unpivot["long"]["item"]
        con.execute(
            f"INSERT INTO found SELECT rid, {ex.quote(item)}, 'required' FROM typed t "
            f"JOIN long_sheet USING (file_ix, sheet_ix) WHERE t.{item} IS NULL"
        )
    tolerance = load_yaml("row_classes")["total_tolerance"]
    con.execute(
        "INSERT INTO found SELECT rid, 'total', 'total_mismatch' FROM typed t JOIN (SELECT rid, sum(number) AS added "
        "FROM typed_mark GROUP BY rid HAVING count(*) = count(*) FILTER (WHERE score_status = 'scored')) m USING (rid) "
        f"WHERE t.total IS NOT NULL AND abs(t.total - m.added) > {tolerance}"
    )


def reject_marks(con: duckdb.DuckDBPyConnection, contract: Contract) -> None:
    """Add to `rejected` the rows with a cell that is no mark, and with one outside the subject's range."""
    if "blocks" in (contract.unpivot or {}):
        con.execute(
            "INSERT INTO marks_found SELECT rid, letter, item, 'not_number' FROM typed_mark WHERE score_status IS NULL"
        )
        return
    con.execute(
        "INSERT INTO marks_found SELECT rid, letter, subject, CASE WHEN score_status IS NULL THEN 'bad_mark' "
        "WHEN number < 0 THEN 'negative_score' ELSE 'above_full_mark' END FROM typed_mark "
        "WHERE score_status IS NULL OR (score_status = 'scored' AND (number < 0 OR number > full_mark))"
    )


def columns(contract: Contract) -> dict[str, str]:
    """SQL of the raw columns that unpivoting makes, over `typed_mark` as m."""
    number = "CASE WHEN m.score_status = 'scored' THEN CAST(m.number AS {type}) END"
    made = {
        "subject": "m.subject",
        "score": number,
        "score_status": "m.score_status",
        "mark_raw": "m.mark_raw",
        "_column": "m.letter",
        "grade": "m.grade",
        "metric": "m.metric",
        "value": number,
    }
    return {f.name: made[f.name].format(type=f.type) for f in contract.fields if f.computed == "unpivot"}
