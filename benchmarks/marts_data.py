"""A house with many scores, made by SQL: raw as ingest writes it and the ledger that goes with it.

Exams of the three junior grades in nine subjects, four a school year, in regions of up to 300 schools; every pupil
stays in one school and comes up a grade each year. Every value follows from numbers by a hash, so that a size is the
same house wherever it is made. What ingest would have done to get here has its own benchmark, `benchmarks/ingest.py`.
"""

from __future__ import annotations

import json
import shutil
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import duckdb

SUBJECTS = ("语文", "数学", "英语", "物理", "化学", "道法", "历史", "地理", "生物")
GRADES = (7, 8, 9)
CLASS_SIZE = 50
CLASSES = 3
SCHOOL_PUPILS = CLASS_SIZE * CLASSES * len(GRADES)
SCHOOLS_OF_REGION = 300
FIRST_YEAR = 2020
EXAMS_OF_YEAR = (
    ("期中考试", 11, 10, 0),
    ("期末考试", 1, 12, 1),
    ("春季期中考试", 4, 20, 1),
    ("学年期末考试", 6, 25, 1),
)
ORIGIN = "region_code, period, _submission_id, _file_sha256, _sheet, _row"
# As ingest writes its files.
FORMAT = "format parquet, compression zstd, row_group_size 122880"


@dataclass(frozen=True)
class Shape:
    """How many schools and exams make about so many score rows."""

    schools: int
    exams: int

    @classmethod
    def of(cls, rows: int, exams: int = 20) -> Shape:
        return cls(max(2, round(rows / (exams * len(SUBJECTS) * SCHOOL_PUPILS))), exams)

    @property
    def rows(self) -> int:
        return self.schools * SCHOOL_PUPILS * len(SUBJECTS) * self.exams

    @property
    def regions(self) -> int:
        return -(-self.schools // SCHOOLS_OF_REGION)


def make(home: Path, shape: Shape, first_exam: int = 0) -> int:
    """Write raw and ledger of a house; exams are numbered on from `first_exam`. Returns the score rows."""
    from ingest.schema import write_schemas
    from warehouse.ledger import Ledger
    from warehouse.settings import Settings

    shutil.rmtree(home, ignore_errors=True)
    settings = Settings.load({"SCHOOLHOUSE_HOME": str(home)})
    settings.prepare()
    write_schemas(settings)
    ledger = Ledger.open(settings)
    exams = range(first_exam, first_exam + shape.exams)
    with duckdb.connect() as con:
        con.execute("set threads = 2")
        _numbers(con, shape, exams)
        for source, statement in {**SMALL, **PERSONS}.items():
            con.execute(f"create or replace temp view made as {statement}")
            _file(
                con,
                settings.raw / source / "synthetic.parquet",
                "select * exclude (unit, scope) from made order by unit, _row",
            )
            _enter(con, ledger, source, "made")
        return add_scores(con, settings.raw, ledger, exams)


def add_exam(home: Path, shape: Shape, exam: int) -> int:
    """One more exam of a house that has the exams before it: its parameters and its scores. Returns the score rows."""
    from warehouse.ledger import Ledger
    from warehouse.settings import Settings

    settings = Settings.load({"SCHOOLHOUSE_HOME": str(home)})
    ledger = Ledger.open(settings)
    with duckdb.connect() as con:
        con.execute("set threads = 2")
        _numbers(con, shape, range(exam, exam + 1))
        con.execute(f"create temp view made as {SMALL['exam_parameters']}")
        _file(con, settings.raw / "exam_parameters" / f"exam{exam}.parquet", "select * exclude (unit, scope) from made")
        _enter(con, ledger, "exam_parameters", "made")
        return add_scores(con, settings.raw, ledger, range(exam, exam + 1))


def correct_school(home: Path, shape: Shape, exam: int, school: int = 0) -> int:
    """A school's sheet of one exam comes again with every mark half a point higher. Returns its rows."""
    from warehouse.ledger import Ledger
    from warehouse.settings import Settings

    settings = Settings.load({"SCHOOLHOUSE_HOME": str(home)})
    with duckdb.connect() as con:
        _numbers(con, shape, range(exam, exam + 1))
        con.execute(f"delete from pupils where s <> {school}")
        return add_scores(con, settings.raw, Ledger.open(settings), range(exam, exam + 1), "again", 0.5)


def _numbers(con: duckdb.DuckDBPyConnection, shape: Shape, exams: range) -> None:
    con.execute(
        f"""create or replace temp table schools as
        select i as s, cast(990201 + i // {SCHOOLS_OF_REGION} as varchar) as region_code,
               cast(3100000000 + i as varchar) as school_code, '第' || (i + 1) || '初级中学' as school_name
        from range({shape.schools}) t(i)"""
    )
    con.execute("create or replace temp table subjects(subject varchar, n integer)")
    con.executemany("insert into subjects values (?, ?)", [(s, i) for i, s in enumerate(SUBJECTS)])
    con.execute("create or replace temp table grades as select unnest([7, 8, 9]) as grade")
    con.execute(
        "create or replace temp table held(x integer, year integer, period varchar, exam_name varchar, exam_date date, "
        "is_last boolean)"
    )
    for x in exams:
        year, place = FIRST_YEAR + x // len(EXAMS_OF_YEAR), x % len(EXAMS_OF_YEAR)
        name, month, day, later = EXAMS_OF_YEAR[place]
        con.execute(
            "insert into held values (?, ?, ?, ?, ?, ?)",
            [x, year, f"{year}-{year + 1}", f"{year}{name}", f"{year + later}-{month:02}-{day:02}", place == 3],
        )
    con.execute("create or replace temp table years as select distinct year, period from held")
    con.execute("create or replace temp view regions as select distinct region_code from schools")
    # Which pupils are in which school and grade in a year: a cohort keeps its numbers from grade to grade.
    con.execute(
        f"""create or replace temp table pupils as
        select s.s, s.region_code, s.school_code, y.year, y.period, g.grade, n.i as place,
               (n.i // {CLASS_SIZE} + 1) || '班' as class_name, if(n.i % 2 = 0, '男', '女') as sex,
               md5(s.s || '/' || (y.year - g.grade) || '/' || n.i) as student_key
        from schools as s, years as y, grades as g, range({CLASS_SIZE * CLASSES}) n(i)"""
    )


_FILE = "md5({key}) as _submission_id, sha256({key}) as _file_sha256, '' as _sheet"


def _origin(key: str, row: str) -> str:
    return f"{_FILE.format(key=key)}, cast({row} as integer) as _row"


# Rows of a source with the unit and the scope of their submission.
SMALL = {
    "regions": f"""select region_code, '县' || region_code as region_name, 'county' as region_level,
        cast(null as varchar) as parent_code, cast(null as varchar) as old_code, date '2001-01-01' as valid_from,
        cast(null as date) as valid_to, '' as period, {_origin("'regions/' || region_code", "2")},
        region_code as unit, '' as scope from regions""",
    "school_report": f"""select school_code, school_name, 'junior' as stage, '311' as school_type_code,
        if(s % 3 = 0, '111', '210') as urban_rural_code, '公办' as ownership, {CLASSES * 3} as class_count,
        {SCHOOL_PUPILS} as student_count, {SCHOOL_PUPILS // 2} as female_student_count, region_code, period,
        {_origin("'report/' || region_code || period", "s + 2")}, region_code as unit, 'junior' as scope
        from schools, years""",
    "exam_parameters": f"""select md5(region_code || '|' || exam_name)[:16] as exam_id, exam_name, exam_date,
        '县' as exam_level, '期末考试' as exam_type, '质量监测' as purpose, grade, subject,
        cast(if(n < 3, 120, 100) as decimal(8, 2)) as full_mark,
        cast(if(n < 3, 102, 85) as decimal(8, 2)) as excellent_cut,
        cast(if(n < 3, 84, 70) as decimal(8, 2)) as good_cut, cast(if(n < 3, 72, 60) as decimal(8, 2)) as pass_cut,
        cast(if(n < 3, 48, 40) as decimal(8, 2)) as low_cut, if(x % 2 = 0, 'scored', 'registered') as denominator_rule,
        region_code, period, {_origin("'paper/' || region_code || x", "grade * 9 + n")}, region_code as unit,
        md5(region_code || '|' || exam_name)[:16] as scope from regions, held, grades, subjects""",
}
PERSONS = {
    "exam_registration": f"""select md5(region_code || '|' || exam_name)[:16] as exam_id, student_key, school_code,
        grade, class_name, region_code, pupils.period,
        {_origin("'registered/' || region_code || x", "s * 150 + place + 2")},
        region_code as unit, md5(region_code || '|' || exam_name)[:16] || '/9' as scope
        from pupils join held using (year) where grade = 9 and is_last""",
    "pupil_roster": f"""select student_key, sex, cast(year - grade - 6 as integer) as birth_year,
        region_code as origin_region_code, school_code, grade, class_name, '走读' as boarding, '否' as is_migrant,
        '否' as is_left_behind, '否' as is_aided, '在籍' as roll_status, region_code, period,
        {_origin("'roster/' || region_code || period", "(s * 3 + grade) * 150 + place")},
        region_code as unit, '' as scope from pupils""",
}


def add_scores(
    con: duckdb.DuckDBPyConnection, raw: Path, ledger: Any, exams: range, batch: str = "synthetic", lift: float = 0
) -> int:
    """Score rows of the exams, a file for each region and exam, a submission for each school, exam and grade."""
    rows = 0
    for x in exams:
        for (region,) in con.execute("select distinct region_code from pupils order by 1").fetchall():
            con.execute(
                f"""create or replace temp table marks as
                with sheets as materialized (
                    select s, grade, md5(key) as submission_id, sha256(key) as file_sha256
                    from (select distinct s, grade, '{batch}' || s || '/{x}/' || grade as key from pupils)
                ), sat as (
                    select p.* exclude (period), h.period, f.submission_id, f.file_sha256,
                           b.subject, b.n,
                           md5('{region}|' || h.exam_name)[:16] as exam_id,
                           hash(p.student_key, h.x, b.n) as h, hash(p.student_key) as own
                    from pupils as p join held as h using (year) join sheets as f using (s, grade), subjects as b
                    where h.x = {x} and p.region_code = '{region}'
                ), scored as (
                    select *, case when h % 1000 < 20 then 'absent' when h % 1000 < 22 then 'deferred'
                                   when h % 1000 < 23 then 'exempt' else 'scored' end as score_status,
                        {lift} + if(n < 3, 1.2, 1.0)
                            * (28 + s % 17 / 2.0 + own % 350 / 10.0 + h // 1000 % 250 / 10.0) as mark
                    from sat
                )
                select exam_id, student_key, school_code, grade, class_name, sex, subject,
                    if(score_status = 'scored', cast(round(mark * 2) / 2 as decimal(8, 2)), null) as score,
                    score_status,
                    if(score_status = 'scored', cast(round(mark * 2) / 2 as varchar), '缺考') as mark_raw,
                    chr(cast(71 + n as integer)) as _column, region_code, period,
                    submission_id as _submission_id, file_sha256 as _file_sha256, '' as _sheet,
                    cast(place + 2 as integer) as _row, school_code as unit, exam_id || '/' || grade as scope
                from scored"""
            )
            name = con.execute(
                "select 'school_year=' || any_value(period) || '/exam_id=' || any_value(exam_id) from marks"
            )
            path = raw / "exam_scores" / name.fetchall()[0][0] / f"{batch}.parquet"
            _file(con, path, "select * exclude (unit, scope) from marks order by school_code, subject, student_key")
            rows += _enter(con, ledger, "exam_scores", "marks")
    return rows


def _file(con: duckdb.DuckDBPyConnection, path: Path, query: str) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    con.execute(f"copy ({query}) to '{path}' ({FORMAT})")


def _enter(con: duckdb.DuckDBPyConnection, ledger: Any, source: str, rows: str) -> int:
    """The submissions of what was written, into the ledger; returns the rows."""
    found = con.execute(
        f"select _submission_id, region_code, any_value(unit), period, any_value(scope), any_value(_file_sha256), "
        f"count(*), count(distinct _row) from {rows} group by _submission_id, region_code, period order by 1"
    ).fetchall()
    made = [
        {
            "submission_id": ident,
            "region_code": region,
            "source": source,
            "unit_code": unit,
            "period": period,
            "scope": scope,
            "file_sha256": digest,
            "file_name": f"{region}/{source}/{ident}.csv",
            "status": "accepted",
            "batch_id": "synthetic",
            "reason_en": "",
            "reason_zh": "",
            "column_map": json.dumps({}),
            "rows_accepted": lines,
            "rows_rejected": 0,
        }
        for ident, region, unit, period, scope, digest, _, lines in found
    ]
    classes = [{"submission_id": f[0], "sheet": "", "row_class": "data_accepted", "row_count": f[7]} for f in found]
    ledger.record(made, classes)
    return sum(f[6] for f in found)
