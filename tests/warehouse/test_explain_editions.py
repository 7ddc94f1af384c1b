"""What an explanation tells of the last edition that published the number."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from tests.conftest import settings_in
from warehouse.explain_editions import read_last_edition
from warehouse.explain_text import _since
from warehouse.settings import Settings

R, Y = "990201", "2024-2025"
PLACE = {"indicator_code": "i", "entity_type": "county", "entity_id": R, "period_id": "2024", "stage": "all",
         "urban_rural": "all", "definition_version": "1"}  # fmt: skip
VALUE = {**PLACE, "region_code": R, "grade": "_all", "subject": "_all", "exam_id": "_all", "group_code": "_all",
         "value": 42.0}  # fmt: skip
ROWS = [{"file_sha256": "old", "file_name": "a.csv"}, {"file_sha256": "new", "file_name": "b.csv"}]
DECLARED = [{"correction_id": "c1"}, {"correction_id": "c2"}]


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    """Two versions of 2024-2025, of which v1.0.0 did not know the file `new`, and one of the year before."""
    settings = settings_in(tmp_path / "home", tmp_path, tmp_path)
    _publish(settings, "2023-2024", "v1.0.0", "b0", 30.0)
    _publish(settings, Y, "v1.0.0", "b1", 40.0, corrections=[{"correction_id": "c1"}])
    _publish(settings, Y, "v1.1.0", "b2", 42.0, files=("old", "new"), corrections=DECLARED)
    return settings


def _publish(
    settings: Settings, year: str, version: str, build: str, value: float | None, *, files: tuple[str, ...] = ("old",),
    corrections: Any = (), status: str = "A", **place: str,
) -> None:  # fmt: skip
    folder = settings.editions / R / year / version
    (folder / "data").mkdir(parents=True)
    (folder / "attestation").mkdir()
    row = {**PLACE, **place, "value": value, "obs_status": status}
    pq.write_table(pa.Table.from_pylist([row]), folder / "data" / "pub_indicator_value.parquet")
    manifest = {"edition_id": f"{R}-{year}-{version}", "school_year": year, "version": version,
                "inputs": [{"file_sha256": f} for f in files], "corrections": list(corrections)}  # fmt: skip
    (folder / "manifest.json").write_text(json.dumps(manifest))
    (folder / "attestation" / "run.json").write_text(json.dumps({"build_id": build}))


def _last(settings: Settings, build: str, **value: Any) -> dict[str, Any] | None:
    return read_last_edition(settings, {**VALUE, **value}, build, ROWS, DECLARED)


def test_a_new_build_is_held_against_the_newest_version(settings: Settings) -> None:
    last = _last(settings, "b3")
    assert last is not None
    assert (last["version"], last["change"], last["new_files"], last["new_corrections"]) == ("v1.1.0", 0.0, [], [])
    assert "无变化" in "".join(_since(last))


def test_the_build_of_an_edition_is_held_against_the_one_before(settings: Settings) -> None:
    last = _last(settings, "b2")
    assert last is not None
    assert (last["edition_id"], last["value"], last["change"]) == (f"{R}-{Y}-v1.0.0", 40.0, 2.0)
    assert last["new_files"] == [{"file_name": "b.csv", "file_sha256": "new"}]
    assert last["new_corrections"] == ["c2"]
    text = "".join(_since(last))
    assert "+2" in text
    assert "b.csv" in text
    assert "c2" in text


def test_another_definition_is_told(settings: Settings) -> None:
    last = _last(settings, "b3", definition_version="2")
    assert last is not None
    assert last["is_redefined"]


def test_a_withdrawn_version_is_passed_over(settings: Settings) -> None:
    (settings.editions / R / Y / "v1.1.0.withdrawn.json").write_text("{}")
    last = _last(settings, "b3")
    assert last is not None
    assert last["version"] == "v1.0.0"


def test_the_year_before_answers_where_the_year_has_no_edition_yet(settings: Settings) -> None:
    last = _last(settings, "b1")
    assert last is not None
    assert (last["school_year"], last["value"]) == ("2023-2024", 30.0)


def test_a_hidden_value_has_no_change(settings: Settings) -> None:
    _publish(settings, Y, "v1.2.0", "b4", None, status="c")
    last = _last(settings, "b5")
    assert last is not None
    assert (last["obs_status"], last["change"]) == ("c", None)
    assert "未公布 [c]" in "".join(_since(last))


@pytest.mark.parametrize("place", [{"stage": "junior"}, {"region_code": "990301"}, {"subject": "数学"}])
def test_what_no_edition_shows_is_told_as_such(settings: Settings, place: dict[str, str]) -> None:
    assert _last(settings, "b3", **place) is None
    assert "未公布" in "".join(_since(None))
