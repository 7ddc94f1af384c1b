"""The DAGs from inbox to edition in one process, without a scheduler, on the synthetic county."""

from __future__ import annotations

from pathlib import Path

import pytest
import sqlalchemy as sa

from tests.conftest import COUNTY
from warehouse.ledger import Ledger, approval
from warehouse.settings import Settings

pytestmark = [pytest.mark.slow, pytest.mark.airflow]
ORDER = (
    "ingest_reference",
    "ingest_school_reports",
    "ingest_people",
    "ingest_exam_scores",
    "ingest_finance",
    "ingest_registers",
    "build_warehouse",
)
YEAR = "2024-2025"


@pytest.fixture
def inbox(house: Settings, county_files: Path, monkeypatch: pytest.MonkeyPatch) -> Settings:
    monkeypatch.setenv("SCHOOLHOUSE_INBOX", str(county_files))
    monkeypatch.setenv("SCHOOLHOUSE_REGISTERS", str(county_files))
    return Settings.load()


def events() -> int:
    """Asset events that Airflow has recorded."""
    from airflow.models.asset import AssetEvent
    from airflow.utils.session import create_session

    with create_session() as session:
        return session.scalar(sa.select(sa.func.count()).select_from(AssetEvent)) or 0


def test_inbox_to_edition_and_nothing_new_the_second_time(airflow_database: Path, inbox: Settings) -> None:
    from airflow.dag_processing.dagbag import DagBag

    from warehouse.settings import PROJECT_ROOT

    dags = DagBag(dag_folder=str(PROJECT_ROOT / "dags")).dags
    conf = {"region": COUNTY, "school_year": YEAR}

    def run(name: str, conf: dict[str, str] | None = None) -> int:
        before = events()
        assert dags[name].test(run_conf=conf).state == "success", name
        return events() - before

    assert [run(name) for name in ORDER[:-1]] == [1] * len(ORDER[:-1]), "every group announces its new rows once"
    run(ORDER[-1])
    run("publish_annual_snapshot", conf)
    editions = sorted((inbox.editions / COUNTY / YEAR).glob("v*"))
    assert len(editions) == 1
    signed = Ledger.open(inbox).rows(sa.select(approval).where(approval.c.school_year == YEAR))
    assert {(r["role"], r["mode"]) for r in signed} == {("statistics_officer", "file"), ("bureau_leader", "file")}

    assert [run(name) for name in ORDER[:-1]] == [0] * len(ORDER[:-1]), "the same files announce nothing"
    run("publish_annual_snapshot", conf)
    assert sorted((inbox.editions / COUNTY / YEAR).glob("v*")) == editions
