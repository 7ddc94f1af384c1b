"""The raw schema of every source, and the empty file that makes its glob match before anything has arrived."""

from __future__ import annotations

import re

import pyarrow as pa
import pyarrow.parquet as pq

from ingest.contracts import Contract, contracts
from warehouse.files import atomic_parquet, together
from warehouse.settings import Settings

ORIGIN = pa.schema(
    [
        ("region_code", pa.string()),
        ("period", pa.string()),
        ("_submission_id", pa.string()),
        ("_file_sha256", pa.string()),
        ("_sheet", pa.string()),
        ("_row", pa.int32()),
    ]
)
_DECIMAL = re.compile(r"DECIMAL\(([0-9]+),([0-9]+)\)")


def raw_schema(contract: Contract) -> pa.Schema:
    """Arrow schema of `raw/<source>`: the stored fields, then the origin of the row."""
    fields = [(f.name, arrow_type(f.type)) for f in contract.stored_fields]
    own = {name for name, _ in fields}
    return pa.schema(fields + [(f.name, f.type) for f in ORIGIN if f.name not in own])


def arrow_type(name: str) -> pa.DataType:
    found = _DECIMAL.fullmatch(name)
    if found:
        return pa.decimal128(int(found[1]), int(found[2]))
    return {"VARCHAR": pa.string(), "INTEGER": pa.int32(), "DATE": pa.date32()}[name]


def write_schemas(settings: Settings) -> None:
    """Write `raw/<source>/_schema.parquet` where it is missing or out of date."""
    with together():
        for source, contract in contracts().items():
            path, wanted = settings.raw / source / "_schema.parquet", raw_schema(contract)
            if not path.exists() or not pq.read_schema(path).equals(wanted):
                atomic_parquet(path, wanted.empty_table())


def glob(settings: Settings, source: str) -> str:
    """Pattern that matches every raw file of a source (and its schema file), quoted for a SQL string."""
    return str(settings.raw / source / "**" / "*.parquet").replace("'", "''")
