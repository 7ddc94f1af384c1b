"""Without attestations: exactly the indicators that rest on nothing else wait for one, and no other figure moves."""

from __future__ import annotations

import csv
import re
from pathlib import Path

import duckdb
import pytest

from tests.conftest import Home
from tests.warehouse.rendered import DBT, render

DROPPED = ("stg_attestations__attestation", "stg_national_monitoring__result")
# A share of indicators met counts among its members one that is attested: it is the only figure that may follow.
COMPOSITES_OF_ATTESTED = {"exm_quality_attainment_rate"}
KEYS = "indicator_code, region_code, entity_type, entity_id, period_id, stage, urban_rural, grade, subject, exam_id"


def _downstream(changed: tuple[str, ...]) -> list[str]:
    """Models of the indicators that rest on those changed, in the order they can be run."""
    models = {p.stem: p.read_text(encoding="utf-8") for p in (DBT / "models").rglob("*.sql")}
    refs = {}
    for name, text in models.items():
        found = set(re.findall(r"ref\(\s*'(\w+)'\s*\)", text))
        for prefix in re.findall(r"ref\(\s*'(\w+)'\s*~", text):
            found |= {prefix + word for word in re.findall(r"'(\w+)'", text)}
        refs[name] = found & models.keys()
    reached, grown = set(changed), True
    while grown:
        more = {m for m, r in refs.items() if r & reached and (DBT / "models" / "indicators") in _path(m).parents}
        grown = not more <= reached
        reached |= more
    ordered: list[str] = []
    todo = reached - set(changed)
    while todo:
        ready = sorted(m for m in todo if not refs[m] & todo)
        assert ready, todo
        ordered += ready
        todo -= set(ready)
    return ordered


def _path(model: str) -> Path:
    return next((DBT / "models").rglob(f"{model}.sql"))


@pytest.fixture(scope="module")
def values(county_home: Home, tmp_path_factory: pytest.TempPathFactory) -> duckdb.DuckDBPyConnection:
    """The county's values as built (`before`) and built anew without any attestation (`after`)."""
    copy = tmp_path_factory.mktemp("without") / "warehouse.duckdb"
    copy.write_bytes(county_home.build.path.read_bytes())
    con = duckdb.connect(str(copy))
    union = "select * from fct_indicator_value union all select * from fct_indicator_value_person"
    con.execute(f"create table before as {union}")
    for view in DROPPED:
        con.execute(f"create table emptied as select * from {view} limit 0")
        con.execute(f"drop view {view}")
        con.execute(f"alter table emptied rename to {view}")
    for model in _downstream(DROPPED):
        kind = con.execute(
            "select table_type from information_schema.tables where table_name = ? and table_schema = 'main'", [model]
        ).fetchall()[0][0]
        con.execute(f'drop {"view" if kind == "VIEW" else "table"} "{model}"')
        con.execute(f'create {"view" if kind == "VIEW" else "table"} "{model}" as {render(model, {"raw_dir": ""})}')
    con.execute(f"create table after as {union}")
    return con


def test_exactly_the_attested_wait(values: duckdb.DuckDBPyConnection) -> None:
    path = DBT / "seeds" / "plans" / "indicator_catalogue.csv"
    with path.open(encoding="utf-8", newline="") as handle:
        attested = {r["indicator_code"] for r in csv.DictReader(handle) if r["attestation_only"] == "yes"}
    assert len(attested) == 6
    told = "select distinct indicator_code from {} where status = 'awaiting_attestation'"
    had = "select distinct indicator_code from before where status = 'ok'"
    assert {r[0] for r in values.execute(had).fetchall()} >= attested
    assert {r[0] for r in values.execute(told.format("after")).fetchall()} == attested
    left = f"select count(*) from after where indicator_code in ({', '.join('?' * 6)}) and value is not null"
    assert values.execute(left, sorted(attested)).fetchone() == (0,)


def test_no_other_figure_moves(values: duckdb.DuckDBPyConnection) -> None:
    moved = values.execute(f"""
        select distinct coalesce(b.indicator_code, a.indicator_code)
        from before b full join after a using ({KEYS}, group_code)
        where b.value is distinct from a.value
    """).fetchall()
    names = {r[0] for r in moved}
    waiting = {
        r[0]
        for r in values.execute(
            "select distinct indicator_code from after where status = 'awaiting_attestation'"
        ).fetchall()
    }
    assert names - waiting <= COMPOSITES_OF_ATTESTED
