"""Every source's own fixtures: good files load whole, bad files fail by the rule they are named for and lose
only that row.
"""

from __future__ import annotations

from pathlib import Path

import pytest
import sqlalchemy as sa

from ingest.contracts import SOURCES, contracts
from ingest.readers import read
from tests.ingest.conftest import County
from warehouse import ledger as tables
from warehouse.files import sha256_file

GOOD = sorted(SOURCES.glob("*/fixtures/good_*"))
BAD = sorted(SOURCES.glob("*/fixtures/bad_*"))
REJECTED = sorted(SOURCES.glob("*/fixtures/rejected_*"))


def name_of(path: Path) -> str:
    return f"{path.parts[-3]}/{path.name}"


@pytest.fixture(scope="module")
def loaded(tmp_path_factory: pytest.TempPathFactory):
    """All fixtures of all sources in one ingest: (county, fixture -> result)."""
    county = County(tmp_path_factory.mktemp("fixtures"))
    places = {}
    for path in [*GOOD, *BAD, *REJECTED]:
        source = path.parts[-3]
        year = "2021-2022/" if contracts()[source].needs else ""
        places[path] = f"990101/{year}{source}/{path.name}"
        county.put(places[path], path)
    results = county.run()
    return county, {path: results[place] for path, place in places.items()}


def test_every_source_has_fixtures():
    assert {p.parts[-3] for p in GOOD} == set(contracts())
    assert {p.parts[-3] for p in BAD} == set(contracts())


@pytest.mark.parametrize("path", GOOD, ids=name_of)
def test_good_file_is_accepted(loaded, path: Path):
    result = loaded[1][path]
    assert (result.status, result.source) == ("accepted", path.parts[-3]), result.message_zh
    assert result.rows_accepted >= 2
    assert result.rows_rejected == 0
    assert result.region_code == "990101"


@pytest.mark.parametrize("path", BAD, ids=name_of)
def test_bad_row_is_rejected_by_its_rule(loaded, path: Path):
    county, result = loaded[0], loaded[1][path]
    assert (result.status, result.source) == ("partial", path.parts[-3]), result.message_zh
    assert result.rows_accepted >= 1
    rule = path.stem.removeprefix("bad_")
    query = sa.select(tables.reject.c.rule, tables.reject.c.row, tables.submission.c.submission_id).join(
        tables.submission, tables.submission.c.submission_id == tables.reject.c.submission_id
    )
    found = county.ledger().rows(query.where(tables.submission.c.file_sha256 == sha256_file(path)))
    assert {f["rule"] for f in found} == {rule}
    assert len({f["row"] for f in found}) == result.rows_rejected
    assert (county.settings.quarantine / f"{found[0]['submission_id']}.parquet").exists()


@pytest.mark.parametrize("path", REJECTED, ids=name_of)
def test_unusable_file_is_rejected_with_advice(loaded, path: Path):
    result = loaded[1][path]
    assert (result.status, result.rows_accepted) == ("rejected", 0)
    assert "请" in result.message_zh
    assert "\n" not in result.message_zh


@pytest.mark.parametrize("path", [*GOOD, *BAD], ids=name_of)
def test_row_classes_add_up(loaded, path: Path):
    county = loaded[0]
    query = (
        sa.select(sa.func.sum(tables.row_class.c.row_count))
        .join(tables.submission, tables.submission.c.submission_id == tables.row_class.c.submission_id)
        .where(tables.submission.c.file_sha256 == sha256_file(path))
    )
    counted = county.ledger().rows(query)[0]["sum_1"]
    assert counted == sum(s.table.num_rows for s in read(path.read_bytes()))
