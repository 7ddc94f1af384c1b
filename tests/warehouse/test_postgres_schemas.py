"""What a build leaves in a PostgreSQL database: the newest finished builds, and nothing of one that failed."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.conftest import copied, settings_in
from warehouse import build as builds
from warehouse import postgres_load
from warehouse.build import BuildResult, build
from warehouse.errors import SchoolhouseError
from warehouse.postgres import Server, is_available, own_server
from warehouse.settings import Settings

pytestmark = pytest.mark.skipif(
    not is_available(), reason="PostgreSQL: neither a server nor its programs, or no driver"
)


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    folder = tmp_path_factory.mktemp("schemas")
    with own_server(settings_in(folder / "home", folder / "inbox")) as started:
        yield started


@pytest.fixture(autouse=True)
def emptied(server: Server) -> Iterator[None]:
    yield
    for schema in _schemas(server):
        _run(server, f"drop schema {schema} cascade")


def _run(server: Server, *statements: str) -> list[tuple[object, ...]]:
    """Run statements in one transaction; rows of the last."""
    connection = server.connect()
    try:
        with connection, connection.cursor() as cursor:
            for statement in statements:
                cursor.execute(statement)
            return cursor.fetchall() if cursor.description else []
    finally:
        connection.close()


def _schemas(server: Server) -> list[str]:
    rows = _run(server, "select nspname from pg_namespace where nspname !~ '^pg_|^public$|^information_schema$'")
    return sorted(str(name) for (name,) in rows)


def _begin(server: Server, tables: int = 1) -> None:
    _run(server, "create schema building")
    for n in range(tables):
        _run(server, f"create table building.t{n} as select {n} as n")
    _run(server, "create view building.v as select * from building.t0")


def test_a_build_that_is_broken_off_leaves_nothing(server: Server) -> None:
    with pytest.raises(KeyboardInterrupt), postgres_load.one_build(server):
        _begin(server)
        raise KeyboardInterrupt
    assert _schemas(server) == []


def test_a_finished_build_stays_under_its_name(server: Server) -> None:
    with postgres_load.one_build(server):
        _begin(server)
        postgres_load.settle(server, "b1")
    assert _schemas(server) == ["b1"]
    assert _run(server, "select n from b1.v") == [(0,)]


def test_the_newest_builds_stay_and_another_house_s_are_left_alone(server: Server) -> None:
    _run(server, *(f"create schema {name}" for name in ("b1", "b2", "b3", "other_house")))
    with postgres_load.one_build(server):
        _begin(server)
        # The newest of the earlier ones is gone from the database: it is no reason to drop one that is there.
        postgres_load.settle(server, "b4", ["b4", "gone", "b3", "b2", "b1"])
    assert _schemas(server) == ["b3", "b4", "other_house"]


def test_a_build_of_the_same_name_is_replaced(server: Server) -> None:
    _run(server, "create schema b1", "create table b1.old as select 1 as n")
    with postgres_load.one_build(server):
        _begin(server)
        postgres_load.settle(server, "b1", ["b1"])
    assert _run(server, "select table_name from information_schema.tables where table_schema = 'b1' order by 1") == [
        ("t0",),
        ("v",),
    ]


def test_more_tables_than_are_dropped_at_once(server: Server) -> None:
    with pytest.raises(ZeroDivisionError), postgres_load.one_build(server):
        _begin(server, postgres_load._DROPPED_AT_ONCE + 1)
        _ = 1 / 0
    assert _schemas(server) == []


def test_two_houses_do_not_build_in_one_database_at_once(server: Server) -> None:
    attempt = f"select pg_try_advisory_lock({postgres_load._LOCK})"
    with postgres_load.one_build(server):
        assert _run(server, attempt) == [(False,)]
    assert _run(server, attempt) == [(True,)]


def test_a_failed_model_leaves_no_schema_and_the_earlier_build_untouched(
    server: Server, county_received: Settings, county_files: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings = copied(county_received.home, tmp_path / "home", county_files, county_files)
    for name, value in server.environment().items():
        monkeypatch.setenv(name, value)
    seen: list[int] = []

    def fail(settings: Settings, folder: Path, build_id: str, *_: object) -> BuildResult:
        counted = _run(server, "select count(*) from pg_tables where schemaname = 'building'")
        seen.append(int(str(counted[0][0])))
        return BuildResult(build_id, folder / builds.INPUTS, "failed", False, 1, 0, ["model.schoolhouse.broken"])

    monkeypatch.setattr(builds, "_run", fail)
    _run(server, "create schema bearlier")
    with pytest.raises(SchoolhouseError, match=r"model\.schoolhouse\.broken"):
        build(settings, target="postgres")
    assert seen[0] > 50, "the inputs were loaded before the models ran"
    assert _schemas(server) == ["bearlier"]
