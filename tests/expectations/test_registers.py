"""The registers: files and single entries, and the one line that a faulty row gets."""

from __future__ import annotations

from pathlib import Path

import pytest
import sqlalchemy as sa

from tests.expectations.house import REGION, YEAR, House
from warehouse import ledger as l
from warehouse.errors import SchoolhouseError
from warehouse.registers import approve, explain_finding, load_registers

_EXPLANATIONS = "region_code,school_year,check_id,entity_type,entity_id,reason_code,text_zh,signer,signed_on\n"
_APPROVALS = "region_code,school_year,role,approver,decision,decided_on,comment\n"
_ROW = f"{REGION},{YEAR},school_set_change,school,2199020009,closed,该校已撤并,统计科,2024-10-08\n"
_SIGNED = f"{REGION},{YEAR},statistics_officer,统计科甲,approve,2024-10-09,\n"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "registers" / "deep").mkdir(parents=True)
    return tmp_path / "registers"


def _load(house: House, folder: Path) -> dict[str, int]:
    return load_registers(house.settings, [folder])


def test_rows_are_entered_once(house: House, folder: Path) -> None:
    (folder / "explanations.csv").write_text("\ufeff" + _EXPLANATIONS + _ROW + "\n", encoding="utf-8")
    (folder / "deep" / "explanations.csv").write_text(_EXPLANATIONS + _ROW, encoding="gb18030")
    (folder / "deep" / "approvals.csv").write_text(_APPROVALS + _SIGNED, encoding="utf-8")
    assert _load(house, folder) == {"files": 3, "explanations": 1, "approvals": 1}
    assert _load(house, folder) == {"files": 3, "explanations": 0, "approvals": 0}
    [explanation] = house.ledger.rows(sa.select(l.explanation))
    assert (explanation["entity_id"], explanation["text_zh"], explanation["origin"]) == (
        "2199020009",
        "该校已撤并",
        "file",
    )
    [approval] = house.ledger.rows(sa.select(l.approval))
    assert (approval["role"], approval["approver"], approval["mode"]) == ("statistics_officer", "统计科甲", "file")


def test_a_changed_row_is_another_entry(house: House, folder: Path) -> None:
    (folder / "explanations.csv").write_text(_EXPLANATIONS + _ROW + _ROW.replace("撤并", "停办"), encoding="utf-8")
    assert _load(house, folder)["explanations"] == 2


@pytest.mark.parametrize(
    ("name", "text", "said", "said_zh"),
    [
        ("explanations.csv", _EXPLANATIONS + _ROW.replace("2199020009", "*"), "row 2", "通配符"),
        ("explanations.csv", _EXPLANATIONS + _ROW + _ROW.replace(YEAR, "2024"), "row 3", "必须是学年"),
        ("explanations.csv", _EXPLANATIONS + _ROW.replace(YEAR, "2023-2025"), "row 2", "必须是学年"),
        ("explanations.csv", _EXPLANATIONS + _ROW.replace("2024-10-08", "2024/10/8"), "row 2", "必须是日期"),
        ("explanations.csv", _EXPLANATIONS + _ROW.replace(",统计科,", ",,"), "row 2", "signer 不能为空"),
        ("explanations.csv", _EXPLANATIONS + _ROW.replace(f"{REGION},", "9902,"), "row 2", "六位行政区划代码"),
        ("explanations.csv", _EXPLANATIONS + _ROW.replace("该校", "该校,"), "row 2", "列数与表头不符"),
        ("explanations.csv", _EXPLANATIONS.replace("signer,", "") + _ROW, "explanations.csv", "缺少列：signer"),
        ("approvals.csv", _APPROVALS + _SIGNED.replace("statistics_officer", "headmaster"), "row 2", "bureau_leader"),
        ("approvals.csv", _APPROVALS + _SIGNED.replace("approve", "maybe"), "row 2", "approve、reject"),
    ],
)
def test_a_faulty_row_is_named_and_nothing_is_entered(
    house: House, folder: Path, name: str, text: str, said: str, said_zh: str
) -> None:
    (folder / "deep" / "explanations.csv").write_text(_EXPLANATIONS + _ROW, encoding="utf-8")
    (folder / name).write_text(text, encoding="utf-8")
    with pytest.raises(SchoolhouseError) as caught:
        _load(house, folder)
    line = caught.value.line("zh")
    assert said in line
    assert said_zh in line
    assert name in line
    assert "\n" not in line
    assert not house.ledger.rows(sa.select(l.explanation)) + house.ledger.rows(sa.select(l.approval))


def test_a_file_that_is_no_text_is_named(house: House, folder: Path) -> None:
    (folder / "approvals.csv").write_bytes(b"\xff\xff\x00\x81")
    with pytest.raises(SchoolhouseError, match="neither UTF-8 nor GB18030"):
        _load(house, folder)


def test_folders_that_do_not_exist_hold_nothing(house: House, tmp_path: Path) -> None:
    assert load_registers(house.settings, [tmp_path / "none"]) == {"files": 0, "explanations": 0, "approvals": 0}


def test_single_entries(house: House) -> None:
    row = {"region_code": REGION, "school_year": YEAR}
    key = {"check_id": "school_set_change", "entity_type": "school", "entity_id": "2199020009"}
    words = {"reason_code": "closed", "text_zh": "已撤并", "signer": "统计科"}
    first = explain_finding(house.settings, **row, **key, **words, signed_on="2024-10-08")
    assert explain_finding(house.settings, **row, **key, **words, signed_on="2024-10-08") == first
    assert [r["origin"] for r in house.ledger.rows(sa.select(l.explanation))] == ["cli"]
    approve(house.settings, **row, role="bureau_leader", approver="局长乙", mode="airflow", gate_id="g1")
    [approval] = house.ledger.rows(sa.select(l.approval))
    assert (approval["mode"], approval["gate_id"], approval["decision"]) == ("airflow", "g1", "approve")
    with pytest.raises(SchoolhouseError, match="role"):
        approve(house.settings, **row, role="boss", approver="局长乙")
    with pytest.raises(SchoolhouseError, match="wildcards"):
        explain_finding(house.settings, **row, **{**key, "entity_id": "21990200%"}, **words)


def test_a_ledger_of_before_gets_the_columns_that_came_later(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path}/old.db"
    columns = ", ".join(f"{c.name} TEXT NOT NULL" for c in l.explanation.columns if c.name != "observed")
    engine = sa.create_engine(url)
    with engine.begin() as connection:
        connection.exec_driver_sql(f"CREATE TABLE explanation ({columns}, PRIMARY KEY (explanation_id))")
        values = ", ".join("'x'" for c in l.explanation.columns if c.name != "observed")
        connection.exec_driver_sql(f"INSERT INTO explanation VALUES ({values})")
    for _ in range(2):
        [row] = l.Ledger(url).rows(sa.select(l.explanation))
        assert (row["explanation_id"], row["observed"]) == ("x", "")
