"""What is published, under which conditions, and that the same input gives the same bytes."""

from __future__ import annotations

import csv
import json
import stat
from pathlib import Path

import duckdb
import pyarrow.parquet as pq
import pytest
import sqlalchemy as sa

import publication.edition
from publication import EditionResult, publish, verify
from tests.publication.house import OTHER, REGION, YEAR, House
from warehouse import ledger as tables
from warehouse.errors import SchoolhouseError


def rows(edition: EditionResult, name: str) -> list[dict[str, str]]:
    with (edition.path / "data" / f"{name}.csv").open(encoding="utf-8", newline="") as f:
        return list(csv.DictReader(f))


# ---------------------------------------------------------------- clearance
def test_without_a_gate_run_nothing_is_published(house: House) -> None:
    house.approve_both()
    with pytest.raises(SchoolhouseError, match="no gate has been run"):
        publish(house.settings, REGION, YEAR)


@pytest.mark.parametrize("verdict", ["blocked", "needs_explanation"])
def test_a_gate_that_did_not_pass_is_named(house: House, verdict: str) -> None:
    house.gate(house.build(), verdict=verdict)
    house.approve_both()
    with pytest.raises(SchoolhouseError, match=verdict):
        publish(house.settings, REGION, YEAR)


def test_the_latest_gate_run_counts_not_an_earlier_pass(house: House) -> None:
    house.gate(house.build())
    house.gate(house.build(), verdict="blocked")
    house.approve_both()
    with pytest.raises(SchoolhouseError, match="blocked"):
        publish(house.settings, REGION, YEAR)


@pytest.mark.parametrize("absent", ["statistics_officer", "bureau_leader"])
def test_a_missing_role_is_named(house: House, absent: str) -> None:
    house.gate(house.build())
    present = {"statistics_officer": "bureau_leader", "bureau_leader": "statistics_officer"}[absent]
    house.approve(present, "甲")
    with pytest.raises(SchoolhouseError, match=f"approval of the {absent}"):
        publish(house.settings, REGION, YEAR)


def test_one_person_cannot_approve_twice(house: House) -> None:
    house.gate(house.build())
    house.approve("statistics_officer", "Wang Li")
    house.approve("bureau_leader", " ｗang  li")
    with pytest.raises(SchoolhouseError, match="same person"):
        publish(house.settings, REGION, YEAR)
    house.approve("bureau_leader", "赵局长")
    assert publish(house.settings, REGION, YEAR).changed


def test_a_later_rejection_undoes_an_approval_and_a_later_approval_mends_it(house: House) -> None:
    house.gate(house.build())
    house.approve_both()
    house.approve("bureau_leader", "局长丙", decision="reject", on="2025-11-11")
    with pytest.raises(SchoolhouseError, match="rejected it on 2025-11-11"):
        publish(house.settings, REGION, YEAR)
    house.approve("bureau_leader", "局长丙", on="2025-11-12")
    assert publish(house.settings, REGION, YEAR).changed


def test_an_approval_of_another_build_does_not_count(house: House) -> None:
    looked_at = house.gate(house.build())
    house.gate(house.build("update pub_indicator_value set value = value + 1"))
    house.approve("statistics_officer", "统计员乙")
    house.approve("bureau_leader", "局长丙", mode="airflow", gate_id=looked_at)
    with pytest.raises(SchoolhouseError, match="bureau_leader is missing"):
        publish(house.settings, REGION, YEAR)
    assert publish(house.settings, REGION, YEAR, gate_id=looked_at).changed


def test_approvals_of_another_region_do_not_count(house: House) -> None:
    house.gate(house.build())
    house.approve_both(OTHER)
    with pytest.raises(SchoolhouseError, match="approval"):
        publish(house.settings, REGION, YEAR)


def test_unattended_and_attended_approvals_are_recorded_as_what_they_were(house: House) -> None:
    edition = house.publish()
    said = json.loads((edition.path / "attestation" / "approvals.json").read_text(encoding="utf-8"))
    assert said["unattended"] is True
    assert [(a["role"], a["mode"]) for a in said["approvals"]] == [
        ("statistics_officer", "file"),
        ("bureau_leader", "file"),
    ]
    house.approve("bureau_leader", "局长丁", mode="cli", on="2025-12-01")
    house.gate(house.build("update pub_indicator_value set value = value + 1"))
    later = publish(house.settings, REGION, YEAR)
    said = json.loads((later.path / "attestation" / "approvals.json").read_text(encoding="utf-8"))
    assert said["unattended"] is False
    assert said["approvals"][1]["mode"] == "cli"


# ---------------------------------------------------------------- contents
def test_every_published_table_is_there_twice_with_its_own_rows_only(published: EditionResult) -> None:
    names = {p.name for p in (published.path / "data").iterdir()}
    sets = {"pub_indicator_definition", "pub_indicator_value", "pub_resource_dispersion", "pub_target_tracking"}
    made = ("footnotes", "codebook", "indicator_trend", "dispersion_trend")
    assert names == {f"{n}.{kind}" for n in (*sets, *made) for kind in ("csv", "parquet")}
    values = rows(published, "pub_indicator_value")
    assert [(v["stage"], v["value"]) for v in values] == [
        ("junior", "10"),
        ("primary", "7.317073170731708"),  # 30000 / 4100 in the shortest text that reads back
        ("all", ""),
    ]
    assert values[0]["numerator"] == "17000.000000"
    table = pq.read_table(published.path / "data" / "pub_indicator_value.parquet")
    assert table.column("value").to_pylist() == [10.0, 30000.0 / 4100.0, None]


def test_nothing_of_another_region_is_in_the_edition(published: EditionResult) -> None:
    for path in published.path.rglob("*"):
        if path.suffix in (".csv", ".json", ".html"):
            text = path.read_text(encoding="utf-8")
            assert OTHER not in text, path.name
            assert "石岭县" not in text, path.name
    for path in published.path.rglob("*.parquet"):
        assert OTHER not in str(pq.read_table(path).to_pylist()), path.name


def test_signers_builds_and_clocks_stay_in_the_attestation(published: EditionResult) -> None:
    run = json.loads((published.path / "attestation" / "run.json").read_text(encoding="utf-8"))
    marks = ["审签人甲", "统计员乙", "局长丙", run["gate_id"], run["published_at"], run["published_at"][:10]]
    for path in published.path.rglob("*"):
        if path.is_file() and path.parent.name != "attestation":
            content = path.read_bytes()
            assert not [m for m in marks if m.encode() in content], path.name
    assert "审签人甲" in (published.path / "attestation" / "approvals.json").read_text(encoding="utf-8")


def test_footnotes_are_the_explanations_that_closed_findings(published: EditionResult) -> None:
    notes = rows(published, "footnotes")
    assert [(n["check_id"], n["text_zh"]) for n in notes] == [("row_rejects", "重复的一行，已核实")]
    gate = json.loads((published.path / "manifest.json").read_text(encoding="utf-8"))["gate"]
    assert gate["findings_by_severity"] == {"info": 1, "warning": 1}
    assert [f["status"] for f in gate["findings"]] == ["noted", "explained"]
    assert gate["findings"][1]["footnote_id"] == notes[0]["footnote_id"]


def test_the_manifest_names_inputs_and_outputs(published: EditionResult) -> None:
    said = json.loads((published.path / "manifest.json").read_text(encoding="utf-8"))
    assert [(i["file_name"], i["rows_accepted"], i["rows_rejected"]) for i in said["inputs"]] == [
        (f"{REGION}.xlsx", 12, 1)
    ]
    by_path = {o["path"]: o for o in said["outputs"]}
    assert by_path["data/pub_indicator_value.csv"]["rows"] == 3
    logical = [by_path[f"data/pub_indicator_value.{k}"]["logical_sha256"] for k in ("csv", "parquet")]
    assert logical[0] == logical[1]
    assert said["data_hash"] == published.data_hash
    assert len(said["code"]["sha256"]) == 64


def test_the_codebook_describes_every_column(published: EditionResult) -> None:
    described = {(r["dataset"], r["column"]) for r in rows(published, "codebook")}
    for path in (published.path / "data").glob("*.csv"):
        header = path.read_text(encoding="utf-8").split("\n")[0].split(",")
        if path.stem != "codebook":
            assert {(path.stem, c) for c in header} <= described


def test_an_edition_is_read_only_and_in_the_ledger(house: House) -> None:
    edition = house.publish()
    for path in (edition.path, *edition.path.rglob("*")):
        assert stat.S_IMODE(path.stat().st_mode) == (0o555 if path.is_dir() else 0o444)
    entered = house.ledger.rows(sa.select(tables.edition))
    assert [(e["version"], e["verdict"], e["data_sha256"]) for e in entered] == [
        ("v1.0.0", "published with explanations", edition.data_hash)
    ]
    key = house.settings.vault / "signing.key"
    assert stat.S_IMODE(key.stat().st_mode) == 0o600


def test_the_published_zone_serves_the_edition(house: House) -> None:
    house.publish()
    with duckdb.connect(str(house.settings.serving / "published" / "current.duckdb"), read_only=True) as zone:
        served = zone.execute("select region_code, edition_version, count(*) from pub_indicator_value group by all")
        assert served.fetchall() == [(REGION, "v1.0.0", 3)]


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ("alter table pub_indicator_value add column student_key varchar", "student_key"),
        ("alter table pub_indicator_value add column seen timestamp", "seen"),
        ("alter table pub_indicator_value drop column school_year", "school_year"),
        ("update pub_indicator_value set value = 'nan' where stage = 'primary'", "finite"),
    ],
)
def test_a_table_that_must_not_be_published_stops_publication(house: House, change: str, said: str) -> None:
    with pytest.raises(SchoolhouseError, match=said):
        house.publish(change)
    assert not list(house.settings.editions.rglob("manifest.json"))


# ---------------------------------------------------------------- sameness and safety
def promised(edition: EditionResult) -> dict[str, bytes]:
    files = {p.relative_to(edition.path).as_posix(): p for p in edition.path.rglob("*") if p.is_file()}
    return {name: path.read_bytes() for name, path in files.items() if not name.startswith("attestation/")}


def test_another_home_clock_and_row_order_give_the_same_bytes(
    published: EditionResult, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(publication.edition, "now", lambda: "2031-02-03T04:05:06Z")
    monkeypatch.setenv("TZ", "Asia/Shanghai")
    monkeypatch.setenv("LC_ALL", "C")
    other = House(tmp_path / "another" / "home", reverse=True).publish()
    assert promised(other) == promised(published)
    assert other.data_hash == published.data_hash
    assert "2031-02-03T04:05:06Z" in (other.path / "attestation" / "run.json").read_text(encoding="utf-8")


def test_another_region_in_the_house_changes_no_byte(published: EditionResult, tmp_path: Path) -> None:
    alone = House(tmp_path / "home").publish(regions=(REGION,))
    assert promised(alone) == promised(published)


def test_publishing_again_writes_nothing(house: House) -> None:
    first = house.publish()
    before = {p: p.stat().st_mtime_ns for p in house.settings.editions.rglob("*")}
    again = house.publish()
    assert (again.changed, again.version, again.path) == (False, first.version, first.path)
    after = {p: p.stat().st_mtime_ns for p in house.settings.editions.rglob("*") if p.name != ".lock"}
    assert after == {p: t for p, t in before.items() if p.name != ".lock"}


def test_a_publication_cut_short_after_the_rename_is_finished_by_the_next(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    def cut(*_: object) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(publication.shelf.serving, "publish_zone", cut)
        with pytest.raises(KeyboardInterrupt):
            house.publish()
    assert not house.ledger.rows(sa.select(tables.edition))
    again = house.publish()
    assert not again.changed
    assert [e["version"] for e in house.ledger.rows(sa.select(tables.edition))] == ["v1.0.0"]
    assert (house.settings.serving / "published" / "current.duckdb").exists()


def test_a_publication_cut_short_before_the_rename_leaves_no_edition(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    def cut(*_: object) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(publication.edition, "_attest", cut)
        with pytest.raises(KeyboardInterrupt):
            house.publish()
    assert not list(house.settings.editions.rglob("v1.0.0"))
    edition = house.publish()
    assert (edition.version, edition.changed, verify(edition.path).ok) == ("v1.0.0", True, True)
    assert sorted(p.name for p in edition.path.parent.iterdir()) == [".lock", "latest", "v1.0.0"]


def test_nothing_is_added_to_an_edition_that_was_tampered_with(house: House) -> None:
    edition = house.publish()
    report = edition.path / "report.html"
    report.chmod(0o644)
    report.write_text("another report")
    with pytest.raises(SchoolhouseError, match=r"report\.html was changed"):
        house.publish("update pub_indicator_value set value = value + 1")


def test_a_signing_key_that_others_can_read_is_refused(house: House) -> None:
    house.publish()
    (house.settings.vault / "signing.key").chmod(0o644)
    with pytest.raises(SchoolhouseError, match="read by others"):
        house.publish("update pub_indicator_value set value = value + 1")
