"""What an ingest does with files over time: repeats, versions, waiting, faults, and what never leaves the
identity zone.
"""

from __future__ import annotations

from decimal import Decimal
from pathlib import Path

import pytest
import sqlalchemy as sa

import ingest
from tests.ingest.conftest import County, fixture
from warehouse import ledger as tables
from warehouse.errors import SchoolhouseError

SCORES = fixture("exam_scores", "good_marks.csv")
PUPIL = "990101201301010020"


def submissions(county: County, **where: str) -> list[dict]:
    query = sa.select(tables.submission).order_by(tables.submission.c.version)
    for column, value in where.items():
        query = query.where(tables.submission.c[column] == value)
    return county.ledger().rows(query)


def test_marks_become_statuses_and_scores(county: County):
    county.put_reference()
    county.put("a.csv", SCORES)
    county.run()
    found = county.raw("exam_scores", "_row, subject, score, score_status, mark_raw, _column")
    assert found == [
        (3, "数学", Decimal("95.50"), "scored", "95.5", "I"),
        (3, "语文", Decimal("90.00"), "scored", "90", "H"),
        (4, "数学", None, "absent", "Q", "I"),
        (4, "语文", None, "absent", "缺考", "H"),
        (5, "数学", None, "exempt", "免考", "I"),
        (5, "语文", None, "deferred", "缓考", "H"),
        (6, "数学", None, "blank", "", "I"),
        (6, "语文", None, "misconduct", "作弊", "H"),
        (7, "数学", Decimal("0.00"), "scored", "0", "I"),
        (7, "语文", None, "absent", "-1", "H"),
    ]
    assert {s["scope"] for s in submissions(county, source="exam_scores")} == {
        f"{county.raw('exam_scores', 'exam_id')[0][0]}/3"
    }


def test_units_are_converted_exactly(county: County):
    county.put_reference()
    county.put("990101/a.csv", fixture("budget_lines", "good_lines.csv"))
    county.put("990101/b.csv", fixture("budget_execution", "good_execution.csv"))
    county.run()
    assert county.raw("budget_lines", "amount_yuan, budget_version, period, stage") == [
        (Decimal("123456.78"), "年初预算", "2024", "primary"),
        (Decimal("10000000.00"), "调整预算", "2024", "junior"),
    ]
    assert county.raw("budget_execution", "amount_yuan") == [(Decimal("100.00"),), (Decimal("123456.78"),)]
    values = county.raw("school_report", "equipment_value_yuan")
    assert values == [(Decimal("80000.00"),), (Decimal("125000.00"),), (Decimal("10202500.00"),)]


def test_same_bytes_again_change_nothing(county: County):
    county.put_reference()
    county.put("a.csv", SCORES)
    county.run()
    before, rows = submissions(county), county.raw("exam_scores")
    again = ingest.run(county.settings, [county.inbox])
    assert again.accepted_new == 0
    assert {f.status for f in again.files} == {"unchanged"}
    county.put("other name.csv", SCORES)
    result = county.run()["other name.csv"]
    assert result.status == "duplicate"
    assert "a.csv" in result.message_zh
    assert county.run()["other name.csv"].status == "unchanged"
    assert (submissions(county), county.raw("exam_scores")) == (before, rows)


def test_corrected_file_supersedes(county: County):
    county.put_reference()
    county.put("a.csv", SCORES)
    county.run()
    fixed = SCORES.read_bytes().replace(b"95.5,185.5", b"96.5,186.5")
    result = county.run(county.put("a.csv", fixed))["a.csv"]
    assert "第2版" in result.message_zh
    assert [(s["version"], s["status"]) for s in submissions(county, source="exam_scores")] == [
        (1, "superseded"),
        (2, "accepted"),
    ]
    assert county.raw("exam_scores", "score", "_row = 3 AND subject = '数学'") == [(Decimal("96.50"),)]
    assert len(county.raw("exam_scores")) == 10


def test_waits_for_reference_then_loads_by_itself(county: County):
    path = county.put("a.csv", SCORES)
    assert county.run()["a.csv"].status == "waiting"
    path.unlink()
    county.put_reference("regions", "school_report")
    results = county.run()
    assert results["a.csv"].status == "waiting"
    assert "考试科目参数" in results["a.csv"].message_zh
    county.put_reference("exam_parameters")
    assert county.run()["a.csv"].status == "accepted"
    assert [s["status"] for s in submissions(county, source="exam_scores")] == ["accepted"]
    assert len(county.raw("exam_scores")) == 10


def test_faulty_files_are_entered_and_lose_nothing(county: County):
    county.put_reference()
    county.put("menu.csv", "菜名,数量,单价\n白菜,3,2.5\n")
    county.put("broken.xlsx", b"PK\x03\x04 not a workbook")
    county.put("noise.csv", bytes(range(256)) * 4)
    county.put("explanations.csv", "region_code,school_year\n")
    county.put("readme.md", "# x")
    for _ in range(2):
        results = county.run()
        for name in ("menu.csv", "broken.xlsx", "noise.csv"):
            assert (results[name].status, results[name].source) == ("rejected", "unknown")
            assert "\n" not in results[name].message_zh
            landed = county.settings.landing / results[name].file_sha256[:2] / results[name].file_sha256
            assert landed.read_bytes() == (county.inbox / name).read_bytes()
        assert {results[n].status for n in ("explanations.csv", "readme.md")} == {"skipped"}
        assert len(submissions(county, source="unknown")) == 3


def test_sources_leave_other_files_alone(county: County):
    county.put_reference()
    county.put("a.csv", SCORES)
    assert set(county.run(sources=["regions", "school_report"])) == {"regions.csv", "school_report.xlsx"}
    assert set(county.run(sources=["exam_parameters", "exam_scores"])) == {"exam_parameters.csv", "a.csv"}
    with pytest.raises(SchoolhouseError, match="no such source"):
        county.run(sources=["nothing"])


def test_no_identifier_leaves_the_identity_zone(county: County):
    county.put_reference()
    county.put(f"{PUPIL}的成绩.csv", SCORES)
    bad = SCORES.read_text("gb18030").replace("90,95.5,185.5", f"{PUPIL},95.5,185.5")
    county.put("bad.csv", bad.encode("gb18030"))
    county.put("2021-2022/t.csv", fixture("teacher_roster", "good_roster.csv"))
    results = county.run()
    assert "***的成绩.csv" in results
    assert results["bad.csv"].status == "partial"
    assert not any(PUPIL in str(r.to_dict()) for r in results.values())
    secrets = [w.encode() for w in (PUPIL, "990101201301010011", "学生乙", "甲老师", "990101198001010014")]
    identity = (county.settings.landing, county.settings.quarantine, county.settings.vault)
    for path in county.settings.home.rglob("*"):
        assert PUPIL not in path.name or identity[0] in path.parents
        if path.is_file() and not any(zone in path.parents for zone in identity):
            assert not any(s in path.read_bytes() for s in secrets), path
    assert any(secrets[0] in p.read_bytes() for p in county.settings.landing.rglob("*") if p.is_file())
    assert all(zone.stat().st_mode & 0o777 == 0o700 for zone in identity)
    vault = (county.settings.vault / "vault.db").read_bytes()
    assert not any(s in vault for s in secrets)


def test_killed_before_the_ledger_then_again(county: County, monkeypatch: pytest.MonkeyPatch):
    county.put_reference()
    county.run()
    county.put("a.csv", SCORES)

    def killed(*_: object) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as broken:
        broken.setattr(tables.Ledger, "record", killed)
        with pytest.raises(KeyboardInterrupt):
            county.run()
    orphans = set((county.settings.raw / "exam_scores").rglob("*.parquet"))
    assert len(orphans) == 2
    assert county.raw("exam_scores") == []
    other = (
        SCORES.read_text("gb18030").replace("2199000001", "2199000002").replace("G99010120130101", "G99010120130102")
    )
    county.put("b.csv", other.encode("gb18030"))
    county.run()
    assert len(county.raw("exam_scores")) == 20


def test_same_bytes_in_two_counties_are_two_claims(county: County):
    county.put("990101/regions.csv", fixture("regions", "good_county.csv"))
    text = fixture("regions", "good_county.csv").read_text("utf-8-sig").replace("990101", "990102")
    county.put("990102/regions.csv", text)
    for region in ("990101", "990102"):
        county.put(f"{region}/p.csv", fixture("exam_parameters", "good_parameters.csv"))
    for _ in range(2):
        results = county.run()
    assert {r.status for r in results.values()} == {"unchanged"}
    found = county.raw("exam_parameters", "region_code, exam_id, subject")
    assert [f[0] for f in found] == ["990101", "990101", "990102", "990102"]
    assert len({f[1] for f in found}) == 2


def test_totals_that_disagree_are_told_not_rejected(county: County):
    text = "2021-2022学年小学统计表\n学校标识码,学校名称,班数,在校生数\n"
    text += "2199000001,第01小学,4,74\n2199000002,第02小学,3,54\n合计,,7,138\n"
    result = county.run(county.put("990101/r.csv", text), region="990101")["990101/r.csv"]
    assert (result.status, result.rows_accepted) == ("accepted", 2)
    assert "第5行合计(D列)" in result.message_zh


def test_missing_path_is_one_clear_line(county: County, tmp_path: Path):
    with pytest.raises(SchoolhouseError, match="no such file"):
        ingest.run(county.settings, [tmp_path / "nowhere"])
