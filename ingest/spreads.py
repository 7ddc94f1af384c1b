"""Cells that are rows: marks of a score sheet (a column per subject, or a row per subject) and blocks of a summary."""

from __future__ import annotations

import duckdb
import pyarrow as pa

from ingest import expressions as ex
from ingest.contracts import Contract, load_yaml
from ingest.documents import Document
from ingest.texts import letter

# Parts of a block's header in the name of its column: grade, subject, metric.
BLOCK_PARTS = ("grade", "subject", "metric")


def add_long_marks(con: duckdb.DuckDBPyConnection, documents: list[Document]) -> None:
    """Add to `mark` the marks of sheets that have one row per pupil and subject."""
    unpivot = documents[0].contract.unpivot
    if not unpivot or "long" not in unpivot:
        return
    item, value = unpivot["long"]["item"], unpivot["long"]["value"]
    sheets = [
        {"file_ix": f, "sheet_ix": s, "letter": letter(layout.fields[value])}
        for f, d in enumerate(documents)
        for s, _, layout in d.loaded
        if value in layout.fields and item in layout.fields
    ]
    schema = pa.schema([("file_ix", pa.int32()), ("sheet_ix", pa.int32()), ("letter", pa.string())])
    con.register("long_sheet", pa.Table.from_pylist(sheets, schema))
    if not sheets:
        return
    subject = ex.typed(documents[0].contract.field(item))
    con.execute(
        f"INSERT INTO mark SELECT b.rid, b.file_ix, b.sheet_ix, b._row, b.cls, {subject}, l.letter, b.t_{value} "
        f"FROM base b JOIN long_sheet l USING (file_ix, sheet_ix) WHERE b.t_{item} IS NOT NULL"
    )


def type_marks(con: duckdb.DuckDBPyConnection, contract: Contract) -> None:
    """Make `typed_mark` (rid, item, subject, letter, mark_raw, score_status, number, full_mark, ...)."""
    _type_blocks(con, contract) if "blocks" in (contract.unpivot or {}) else _type_scores(con)


def _type_scores(con: duckdb.DuckDBPyConnection) -> None:
    """Marks with status and score; a blank cell of a subject that the grade did not sit is no mark."""
    con.execute(
        f"CREATE TABLE typed_mark AS SELECT m.rid, m.subject AS item, m.subject, m.letter, "
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
        f"CREATE TABLE typed_mark AS SELECT m.rid, m.subject AS item, {parts['subject']} AS subject, m.letter, "
        f"m.mark AS mark_raw, CASE WHEN num(m.mark) IS NOT NULL THEN 'scored' END AS score_status, "
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
            "INSERT INTO rejected SELECT rid, letter, item, 'not_number' FROM typed_mark WHERE score_status IS NULL"
        )
        return
    con.execute(
        "INSERT INTO rejected SELECT rid, letter, subject, CASE WHEN score_status IS NULL THEN 'bad_mark' "
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
