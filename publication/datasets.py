"""Data sets of an edition: every `pub_` table of one build, cut to one region and school year, as CSV and Parquet.

Same rows, same bytes: column order is the table's, rows are sorted by key and then by every other column, numbers are
printed by Arrow (decimals at their scale, doubles by the shortest text that reads back), and Parquet is written with
fixed options.
"""

from __future__ import annotations

import hashlib
import io
from dataclasses import dataclass
from pathlib import Path

import duckdb
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.csv as pacsv
import pyarrow.parquet as pq

from publication import dictionary
from warehouse.errors import SchoolhouseError

PREFIX = "pub_"
_PLAIN = ("VARCHAR", "BOOLEAN", "DATE", "DOUBLE", "DECIMAL", "INTEGER", "BIGINT", "SMALLINT", "TINYINT", "HUGEINT")


@dataclass(frozen=True)
class DataSet:
    """One table to publish: its name (the table's), (column, SQL type) pairs and sorted rows."""

    name: str
    columns: tuple[tuple[str, str], ...]
    table: pa.Table

    @property
    def rows(self) -> int:
        return self.table.num_rows

    def csv(self) -> bytes:
        """UTF-8, LF, header line; texts are quoted, so null (empty) and empty text (`""`) differ."""
        out = io.BytesIO()
        pacsv.write_csv(self.table, out, pacsv.WriteOptions(quoting_style="needed", quoting_header="none"))
        return out.getvalue()

    def parquet(self) -> bytes:
        out = io.BytesIO()
        pq.write_table(
            self.table,
            out,
            compression="zstd",
            compression_level=3,
            version="2.6",
            data_page_version="1.0",
            row_group_size=1_000_000,
            use_dictionary=True,
            write_statistics=True,
            store_schema=False,
        )
        return out.getvalue()

    def logical_hash(self) -> str:
        """Hex SHA-256 of types and values, whatever the Parquet writer's version."""
        types = ",".join(f"{name}:{type_name}" for name, type_name in self.columns)
        return hashlib.sha256(types.encode() + b"\n" + self.csv()).hexdigest()


@dataclass(frozen=True)
class Names:
    """The region's own name; document code -> name of the plans; measure code -> Chinese name."""

    region: str
    documents: dict[str, str]
    measures: dict[str, str]


def make(name: str, columns: tuple[tuple[str, str], ...], table: pa.Table) -> DataSet:
    """A data set of sorted rows: keys first, then the other columns; nulls last. Refuses NaN and infinity."""
    _refuse_unreal(name, table)
    first = dictionary.keys(name, columns)
    order = first + [c for c, _ in columns if c not in first]
    if table.num_rows:
        table = table.sort_by([(c, "ascending") for c in order])
    return DataSet(name, columns, table.combine_chunks().replace_schema_metadata(None))


def read_published(database: Path, region: str, school_year: str) -> tuple[list[DataSet], Names]:
    """Every published table of a build, cut to one region and school year, and the names the report needs.

    Raises SchoolhouseError when the build has no published table, or one that must not be published as it stands.
    """
    with duckdb.connect(str(database), read_only=True) as connection:
        catalogue: dict[str, list[tuple[str, str]]] = {}
        for table, column, type_name in connection.execute(
            "select table_name, column_name, data_type from information_schema.columns"
            " where table_catalog = current_database() order by table_name, ordinal_position"
        ).fetchall():
            catalogue.setdefault(table, []).append((column, type_name))
        published = sorted(t for t in catalogue if t.startswith(PREFIX))
        if not published:
            raise SchoolhouseError(
                "the build has no published table",
                "该构建没有可发布的数据表",
                where=database.parent.name,
                fix_en="Run `schoolhouse build` again.",
                fix_zh="请重新运行 schoolhouse build。",
            )
        for table in published:
            _refuse_unfit(table, catalogue[table])
        sets = [_read(connection, t, catalogue[t], region, school_year) for t in published]
        regions = _names(connection, catalogue, "region_code", "region_name")
        documents = _names(connection, catalogue, "document_code", "document_name")
        measures = _names(connection, catalogue, "measure_code", "name_zh")
        return sets, Names(regions.get(region, region), documents, measures)


def _read(
    connection: duckdb.DuckDBPyConnection, table: str, columns: list[tuple[str, str]], region: str, school_year: str
) -> DataSet:
    picked = ", ".join(
        f'"{name}"' if type_name.startswith(_PLAIN) else f'cast("{name}" as varchar) as "{name}"'
        for name, type_name in columns
    )
    rows = connection.sql(
        f'select {picked} from "{table}" where region_code = $1 and school_year = $2', params=[region, school_year]
    ).to_arrow_table()
    plain = tuple((name, type_name if type_name.startswith(_PLAIN) else "VARCHAR") for name, type_name in columns)
    return make(table, plain, rows)


def _refuse_unfit(table: str, columns: list[tuple[str, str]]) -> None:
    names = {name for name, _ in columns}
    missing = {"region_code", "school_year"} - names
    if missing:
        raise SchoolhouseError(
            f"a published table lacks {', '.join(sorted(missing))}",
            f"发布表缺少列 {'、'.join(sorted(missing))}",
            where=table,
            fix_en="Every published table needs both columns.",
            fix_zh="每张发布表都必须有这两列。",
        )
    clocks = {name for name, type_name in columns if type_name.startswith("TIMESTAMP")}
    unfit = sorted((names & dictionary.forbidden_columns()) | clocks)
    if unfit:
        raise SchoolhouseError(
            f"a published table carries what must not be published: {', '.join(unfit)}",
            f"发布表含有不得公开的列：{'、'.join(unfit)}",
            where=table,
            fix_en="Take these columns out of the model.",
            fix_zh="请从模型中去掉这些列。",
        )


def _refuse_unreal(name: str, table: pa.Table) -> None:
    for field in table.schema:
        if pa.types.is_floating(field.type):
            column = table.column(field.name)
            finite = pc.call_function("all", [pc.call_function("is_finite", [column])]).as_py()
            if finite is False:
                raise SchoolhouseError(
                    f"column {field.name} holds a value that is not a finite number",
                    f"列 {field.name} 含有非有限数值",
                    where=name,
                    fix_en="A missing value is null with an obs_status.",
                    fix_zh="缺失值应为空并注明 obs_status。",
                )


def _names(
    connection: duckdb.DuckDBPyConnection, catalogue: dict[str, list[tuple[str, str]]], code: str, name: str
) -> dict[str, str]:
    """Code -> name, from published tables and from dimensions."""
    found: dict[str, str] = {}
    for table, columns in sorted(catalogue.items(), key=lambda t: (not t[0].startswith(PREFIX), t[0])):
        if table.startswith((PREFIX, "dim_")) and {code, name} <= {c for c, _ in columns}:
            query = (
                f'select {code}, min({name}) from "{table}" where {name} is not null group by {code} order by {code}'
            )
            found = {str(k): str(v) for k, v in connection.execute(query).fetchall()} | found
    return found


def codebook(sets: list[DataSet]) -> DataSet:
    """One row per column of every data set: type, role, Chinese and English label, unit."""
    columns = tuple((c, "VARCHAR") for c in ("dataset", "column", "type", "role", "label_zh", "label_en", "unit"))
    rows = [
        (s.name, name, type_name, d.role, d.zh, d.en, d.unit)
        for s in sets
        for name, type_name in s.columns
        for d in [dictionary.describe(s.name, name, type_name)]
    ]
    return make("codebook", columns, text_table(columns, rows))


def text_table(columns: tuple[tuple[str, str], ...], rows: list[tuple[str, ...]]) -> pa.Table:
    """An all-text Arrow table from row tuples."""
    return pa.table({name: pa.array([r[i] for r in rows], pa.string()) for i, (name, _) in enumerate(columns)})


def data_hash(files: dict[str, str]) -> str:
    """One hash of a data folder from its file names and their SHA-256: what two runs compare."""
    return hashlib.sha256("".join(f"{sha}  {name}\n" for name, sha in sorted(files.items())).encode()).hexdigest()
