"""Two counties whose data reach the year in which the plans fall due: what is met, missed and not known."""

from __future__ import annotations

from collections import defaultdict
from pathlib import Path

import duckdb
import pytest

from tests.conftest import settings_in
from tests.warehouse.rejudging import rejudge
from tests.warehouse.test_targets_again import differing

pytestmark = [pytest.mark.slow, pytest.mark.timeout(3600)]
JUDGED = ("met", "missed")
FORMS = {
    "at_least", "at_most", "exact", "all_entities", "change_positive", "change_negative", "change_non_negative",
}  # fmt: skip


@pytest.fixture(scope="module")
def con(tmp_path_factory: pytest.TempPathFactory) -> duckdb.DuckDBPyConnection:
    """School years 2022-2023 to 2025-2026: the first is the first of the plans, the last the one they end in."""
    import ingest
    from synth import generate
    from warehouse.build import build

    folder: Path = tmp_path_factory.mktemp("due")
    generate(folder / "files", counties=2, years=4, last_year=2025, jobs=2)
    settings = settings_in(folder / "home", folder / "files", folder / "files")
    ingest.run(settings, [folder / "files"])
    return duckdb.connect(str(build(settings).path), read_only=True)


def test_most_targets_are_met_or_missed_once_their_year_has_come(con: duckdb.DuckDBPyConnection) -> None:
    rows = con.sql("select region_code, target_id, judge, status, reason from fct_target_tracking").fetchall()
    assert len({r[0] for r in rows}) == 2 and len({r[1] for r in rows}) == 361
    judged = {r[1] for r in rows if r[3] in JUDGED}
    shown: dict[str, set[str]] = defaultdict(set)
    for _, _, form, status, _ in rows:
        shown[form].add(status)
    print(f"{len(judged)} of 361 targets are met or missed; the others:")
    for _, target, form, status, reason in sorted({("", *r[1:]) for r in rows if r[1] not in judged}):
        print(f"  {target} {form} {status} {reason or ''}")
    assert len(judged) >= 300
    assert {f for f in FORMS if set(JUDGED) <= shown[f]} == FORMS


def test_both_judgings_agree_in_every_year_and_region(con: duckdb.DuckDBPyConnection) -> None:
    again = rejudge(con)
    assert len(again) > 2500 and differing(con, again).empty


def test_a_region_is_judged_by_its_own_figures(con: duckdb.DuckDBPyConnection) -> None:
    """The same targets, other counties: the verdicts are not copies of each other."""
    other = con.execute("""
        select count(*) from fct_target_tracking a join fct_target_tracking b using (school_year, target_id)
        where a.region_code < b.region_code and a.status <> b.status
    """).fetchone()  # fmt: skip
    assert other and other[0] > 10
