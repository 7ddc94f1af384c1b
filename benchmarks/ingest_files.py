"""The files that the ingest benchmark reads, made by SQL from numbers, so that counts and sums are known.

Nothing of the house is imported: what these functions return is the figure that the real run is held against.
"""

from __future__ import annotations

import json
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import duckdb

REGION = "990101"
YEAR = "2024-2025"
EXAM = "2024-2025学年第二学期期末监测"
TITLE = f"{EXAM}成绩册"
SUBJECTS = ("语文", "数学", "英语", "物理", "化学", "生物", "历史", "地理", "政治")
GRADES = {7: "七年级", 8: "八年级", 9: "九年级"}
FULL_MARK = 120
PUPILS_A_CLASS = 45
CLASSES_A_GRADE = 8
BLOCK = 1 << 24
HEADER = ("学籍号", "学校标识码", "学校名称", "年级", "班级", "姓名", "性别", *SUBJECTS, "总分")
# Columns a county's analysis adds; no contract asks for them, they are read past.
MORE = ("校名次", "县名次", "考场", "座位号", "备注")


@dataclass(frozen=True)
class Expected:
    """What must be found in raw: pupils, marks that are scores, and the sum of the scores in half points."""

    pupils: int
    marks: int
    scored: int
    half_points: int

    def save(self, folder: Path) -> None:
        (folder / "expected.json").write_text(json.dumps(self.__dict__), encoding="utf-8")


def reference(folder: Path, schools: int) -> None:
    """Region list, school report and exam parameters of one county with `schools` schools."""
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "regions.csv").write_text(
        f"行政区划代码,名称,级别,上级代码\n{REGION},示例县,county,990100\n", encoding="utf-8-sig"
    )
    lines = [f"{YEAR}学年初中学校基本情况统计表", "学校标识码,学校名称,班数,在校生数"]
    lines += [f"{_school_code(i)},第{i:05d}中学,24,1080" for i in range(schools)]
    (folder / "school_report.csv").write_text("\n".join(lines) + "\n", encoding="gb18030")
    lines = ["考试名称,考试日期,年级,学科,满分,优秀线,良好线,及格线,低分线"]
    lines += [f"{EXAM},2025-06-20,{g},{s},{FULL_MARK},102,90,72,48" for g in GRADES.values() for s in SUBJECTS]
    (folder / "exam_parameters.csv").write_text("\n".join(lines) + "\n", encoding="utf-8")


def _school_code(i: int) -> str:
    return f"21{i:08d}"


def pupils(con: duckdb.DuckDBPyConnection, count: int, per_school: int) -> Expected:
    """Make table `pupil`: one row per pupil with the text of every cell. Grades go by turns, so a file holds all three.

    One mark in 97 is `缺考`, one in 389 is empty; scores are whole or half points under the full mark.
    """
    grade = " ".join(f"WHEN {i} THEN '{name}'" for i, name in enumerate(GRADES.values()))
    weights = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)
    digits = " + ".join(f"CAST(substr(body, {i + 1}, 1) AS INTEGER) * {w}" for i, w in enumerate(weights))
    marks = ", ".join(f"(i * {37 + 2 * s} + i // 5 * {7 + s} + {s * 11}) % {FULL_MARK * 2 + 1} AS h{s}"
                      for s in range(len(SUBJECTS)))  # fmt: skip
    kinds = ", ".join(f"CASE WHEN (i + {s * 13}) % 97 = 0 THEN 'absent' WHEN (i + {s * 29}) % 389 = 0 THEN 'blank' "
                      f"ELSE 'scored' END AS k{s}" for s in range(len(SUBJECTS)))  # fmt: skip
    text = ", ".join(
        f"CASE k{s} WHEN 'absent' THEN '缺考' WHEN 'blank' THEN '' ELSE CASE WHEN h{s} % 2 = 0 "
        f"THEN CAST(h{s} // 2 AS VARCHAR) ELSE CAST(h{s} // 2 AS VARCHAR) || '.5' END END AS m{s}"
        for s in range(len(SUBJECTS))
    )
    halves = " + ".join(f"CASE WHEN k{s} = 'scored' THEN h{s} ELSE 0 END" for s in range(len(SUBJECTS)))
    con.execute(
        "CREATE TABLE pupil AS WITH number AS (SELECT range AS i, "
        f"'990101' || strftime(DATE '2006-01-01' + CAST(range // 1000 AS INTEGER), '%Y%m%d') || "
        f"lpad(CAST(range % 1000 AS VARCHAR), 3, '0') AS body, {marks.replace('i ', 'range ')}, "
        f"{kinds.replace('(i ', '(range ')} FROM range({count})), added AS (SELECT *, {halves} AS halves FROM number) "
        f"SELECT i, 'G' || body || substr('10X98765432', ({digits}) % 11 + 1, 1) AS id, "
        f"'21' || lpad(CAST(i // {per_school} AS VARCHAR), 8, '0') AS school, "
        f"'第' || lpad(CAST(i // {per_school} AS VARCHAR), 5, '0') || '中学' AS school_name, "
        f"CASE i % 3 {grade} END AS grade, "
        f"CAST(i // 3 // {PUPILS_A_CLASS} % {CLASSES_A_GRADE} + 1 AS VARCHAR) || '班' AS class, "
        "substr('王李张刘陈杨赵黄周吴', i % 10 + 1, 1) || substr('伟芳娜敏静丽强磊军洋', i // 10 % 10 + 1, 1) || "
        "substr('一二三四五六七八九十', i // 100 % 10 + 1, 1) AS name, "
        f"CASE WHEN i % 2 = 0 THEN '男' ELSE '女' END AS sex, {text}, "
        "CAST(halves // 2 AS VARCHAR) || CASE WHEN halves % 2 = 0 THEN '' ELSE '.5' END AS total, "
        "CAST(i % 300 + 1 AS VARCHAR) AS r1, CAST(i % 30000 + 1 AS VARCHAR) AS r2, "
        "CAST(i // 30 % 60 + 1 AS VARCHAR) AS room, CAST(i % 30 + 1 AS VARCHAR) AS seat, '' AS remark, "
        f"{' + '.join(f'CAST(k{s} = $$scored$$ AS INTEGER)' for s in range(len(SUBJECTS)))} AS scored, halves "
        "FROM added ORDER BY i"
    )
    n, scored, half_points = con.execute("SELECT count(*), sum(scored), sum(halves) FROM pupil").fetchall()[0]
    return Expected(n, n * len(SUBJECTS), int(scored), int(half_points))


def columns(more: bool = False) -> list[str]:
    names = ["id", "school", "school_name", "grade", "class", "name", "sex"]
    names += [f"m{s}" for s in range(len(SUBJECTS))] + ["total"]
    return names + (["r1", "r2", "room", "seat", "remark"] if more else [])


def big_csv(folder: Path, count: int) -> Expected:
    """`big/scores.csv`: GB18030, title line, header, one row per pupil, a thousand pupils a school."""
    con = duckdb.connect()
    expected = pupils(con, count, 1000)
    (folder / "big").mkdir(parents=True, exist_ok=True)
    plain, target = folder / "plain.csv", folder / "big" / "scores.csv"
    # NULL is written as nothing; an empty text would be written as two quotes, which no office program does.
    cells = ", ".join(f"nullif({name}, '')" for name in columns())
    con.execute(f"COPY (SELECT {cells} FROM pupil ORDER BY i) TO '{plain}' (HEADER false)")
    with (
        plain.open("r", encoding="utf-8", newline="") as source,
        target.open("w", encoding="gb18030", newline="") as out,
    ):
        out.write(f"{TITLE}{',' * (len(HEADER) - 1)}\r\n{','.join(HEADER)}\r\n")
        while text := source.read(BLOCK):
            out.write(text.replace("\n", "\r\n"))
    plain.unlink()
    reference(folder / "reference", -(-count // 1000))
    expected.save(folder)
    return expected


def big_xlsx(folder: Path, count: int, *, wide: bool) -> Expected:
    """`big/scores.xlsx` with 17 columns (two rows of title and header), or 22 less two where `wide`: 20 columns."""
    con = duckdb.connect()
    expected = pupils(con, count, 1000)
    (folder / "big").mkdir(parents=True, exist_ok=True)
    names = columns(more=wide)
    header = [*HEADER, *(MORE if wide else ())]
    drop = {"school_name", "r2"} if wide else {"school_name", "name"}
    keep = [i for i, n in enumerate(names) if n not in drop]
    _write_book(con, folder / "big" / "scores.xlsx", [names[i] for i in keep], [header[i] for i in keep])
    reference(folder / "reference", -(-count // 1000))
    expected.save(folder)
    return expected


def small_files(folder: Path, count: int, rows: int = 40) -> Expected:
    """`big/*.xlsx|csv`: one score sheet per school and grade, `rows` pupils each, every other one an xlsx."""
    con = duckdb.connect()
    schools = -(-count // len(GRADES))
    expected = pupils(con, schools * rows * len(GRADES), rows * len(GRADES))
    (folder / "big").mkdir(parents=True, exist_ok=True)
    names = columns()
    con.execute("CREATE TABLE sheet AS SELECT *, row_number() OVER (ORDER BY school, grade, i) AS n FROM pupil")
    table = con.execute(f"SELECT {', '.join(names)} FROM sheet ORDER BY n").fetchall()
    for k in range(schools * len(GRADES)):
        part = table[k * rows : (k + 1) * rows]
        title = f"第{k // 3:05d}中学{TITLE}"
        path = folder / "big" / f"{part[0][1]}_{part[0][3]}"
        if k % 2:
            lines = [
                title + "," * (len(HEADER) - 1),
                ",".join(HEADER),
                *(",".join(r) for r in part),
                "制表人:王老师" + "," * 16,
            ]
            path.with_suffix(".csv").write_text("\r\n".join(lines) + "\r\n", encoding="gb18030", newline="")
        else:
            _write_small_book(path.with_suffix(".xlsx"), [(title,), HEADER, *part, ("制表人:王老师",)])
    reference(folder / "reference", schools)
    expected.save(folder)
    return expected


# ------------------------------------------------------------------ workbooks, written as Excel writes them
_SCHEMA = "http://schemas.openxmlformats.org"
_TYPE = "application/vnd.openxmlformats-officedocument.spreadsheetml"
_LINK = f"{_SCHEMA}/officeDocument/2006/relationships"
_LINKS = f'xmlns="{_SCHEMA}/package/2006/relationships"'
_PARTS = {
    "[Content_Types].xml": f'<Types xmlns="{_SCHEMA}/package/2006/content-types">'
    '<Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/>'
    '<Default Extension="xml" ContentType="application/xml"/>'
    f'<Override PartName="/xl/workbook.xml" ContentType="{_TYPE}.sheet.main+xml"/>'
    f'<Override PartName="/xl/worksheets/sheet1.xml" ContentType="{_TYPE}.worksheet+xml"/>'
    f'<Override PartName="/xl/sharedStrings.xml" ContentType="{_TYPE}.sharedStrings+xml"/></Types>',
    "_rels/.rels": f"<Relationships {_LINKS}>"
    f'<Relationship Id="rId1" Type="{_LINK}/officeDocument" Target="xl/workbook.xml"/></Relationships>',
    "xl/workbook.xml": f'<workbook xmlns="{_SCHEMA}/spreadsheetml/2006/main" xmlns:r="{_LINK}">'
    '<sheets><sheet name="成绩" sheetId="1" r:id="rId1"/></sheets></workbook>',
    "xl/_rels/workbook.xml.rels": f"<Relationships {_LINKS}>"
    f'<Relationship Id="rId1" Type="{_LINK}/worksheet" Target="worksheets/sheet1.xml"/>'
    f'<Relationship Id="rId2" Type="{_LINK}/sharedStrings" Target="sharedStrings.xml"/></Relationships>',
}
_MAIN = f'xmlns="{_SCHEMA}/spreadsheetml/2006/main"'


def _letter(i: int) -> str:
    return chr(65 + i)


def _write_small_book(path: Path, rows: list[tuple[str, ...]]) -> None:
    strings: dict[str, int] = {}
    lines = []
    for r, row in enumerate(rows, 1):
        cells = []
        for c, text in enumerate(row):
            at = f"{_letter(c)}{r}"
            if text and len(text) < 8 and text.replace(".", "", 1).isdigit():
                cells.append(f'<c r="{at}"><v>{text}</v></c>')
            elif text:
                cells.append(f'<c r="{at}" t="s"><v>{strings.setdefault(text, len(strings))}</v></c>')
        lines.append(f'<row r="{r}">{"".join(cells)}</row>')
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as book:
        for name, text in _PARTS.items():
            book.writestr(name, text)
        book.writestr(
            "xl/worksheets/sheet1.xml", f"<worksheet {_MAIN}><sheetData>{''.join(lines)}</sheetData></worksheet>"
        )
        book.writestr("xl/sharedStrings.xml", f"<sst {_MAIN}>{''.join(f'<si><t>{s}</t></si>' for s in strings)}</sst>")


def _write_book(con: duckdb.DuckDBPyConnection, path: Path, names: list[str], header: list[str]) -> None:
    """Numbers as numbers, words as shared strings, as Excel does; the rows are made by SQL and written in blocks."""
    words = [n for n in names if n in ("id", "school", "school_name", "grade", "class", "name", "sex", "remark")]
    marks = [n for n in names if n.startswith("m")]
    texts = " UNION ".join(
        [f"SELECT {n} AS s FROM pupil WHERE {n} <> ''" for n in words]
        + ["SELECT '缺考'", f"SELECT unnest({[TITLE, *header]!r})"]
    )
    con.execute(f"CREATE TABLE shared AS SELECT s, row_number() OVER (ORDER BY s) - 1 AS ix FROM ({texts})")
    keys = dict(
        con.execute(
            "SELECT s, ix FROM shared WHERE s IN (SELECT unnest($w))", {"w": [TITLE, "缺考", *header]}
        ).fetchall()
    )
    cells, joins = [], []
    for c, n in enumerate(names):
        at = f"'<c r=\"{_letter(c)}' || (i + 3) || '\""
        if n in words:
            joins.append(f"LEFT JOIN shared s_{n} ON s_{n}.s = p.{n}")
            cells.append(f"coalesce({at} t=\"s\"><v>' || s_{n}.ix || '</v></c>', '')")
        elif n in marks:
            cells.append(
                f"CASE p.{n} WHEN '' THEN '' WHEN '缺考' THEN {at} t=\"s\"><v>{keys['缺考']}</v></c>' "
                f"ELSE {at}><v>' || p.{n} || '</v></c>' END"
            )
        else:
            cells.append(f"{at}><v>' || p.{n} || '</v></c>'")
    head = f'<row r="1"><c r="A1" t="s"><v>{keys[TITLE]}</v></c></row><row r="2">'
    head += "".join(f'<c r="{_letter(c)}2" t="s"><v>{keys[h]}</v></c>' for c, h in enumerate(header)) + "</row>"
    row = f"'<row r=\"' || (i + 3) || '\">' || {' || '.join(cells)} || '</row>'"
    rows = f"SELECT {row} FROM pupil p {' '.join(joins)} ORDER BY i"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as book:
        for name, text in _PARTS.items():
            book.writestr(name, text)
        _write_part(book, "xl/worksheets/sheet1.xml", f"<worksheet {_MAIN}><sheetData>{head}", _blocks(con, rows),
                    "</sheetData></worksheet>")  # fmt: skip
        strings = "SELECT '<si><t>' || s || '</t></si>' FROM shared ORDER BY ix"
        _write_part(book, "xl/sharedStrings.xml", f"<sst {_MAIN}>", _blocks(con, strings), "</sst>")


def _blocks(con: duckdb.DuckDBPyConnection, query: str) -> Iterator[str]:
    result = con.execute(query)
    while rows := result.fetchmany(20000):
        yield "".join(r for (r,) in rows)


def _write_part(book: zipfile.ZipFile, name: str, head: str, blocks: Iterator[str], tail: str) -> None:
    with book.open(name, "w", force_zip64=True) as part:
        part.write(head.encode())
        for block in blocks:
            part.write(block.encode())
        part.write(tail.encode())
