"""Of all sources, the one a sheet means: by its columns, then by title or table number, then by the file name."""

from __future__ import annotations

import random
import time

import pyarrow as pa
import pytest

from ingest import forms
from ingest.contracts import Contract, contracts
from ingest.documents import open_document
from ingest.landing import Arrival
from ingest.layouts import detect
from ingest.readers import Book, Sheet
from ingest.texts import clean_array
from tests.ingest.conftest import County
from warehouse.errors import SchoolhouseError

ALL = list(contracts().values())
EVERY = pytest.mark.parametrize("contract", ALL, ids=lambda c: c.source)


def sheet(*rows: list[str]) -> Sheet:
    width = max(map(len, rows))
    columns = zip(*(row + [""] * (width - len(row)) for row in rows), strict=True)
    return Sheet("", False, pa.table({f"c{i}": clean_array(pa.array(list(c))) for i, c in enumerate(columns)}))


def spread(contract: Contract) -> list[str]:
    if not contract.unpivot:
        return []
    return ["三年级/语文/均分", "三年级/语文/及格率"] if "blocks" in contract.unpivot else ["语文", "数学"]


def fields(contract: Contract) -> list:
    long = (contract.unpivot or {}).get("long", {}).values()
    return [f for f in contract.read_fields if f.name not in long]


def whole(contract: Contract) -> list[str]:
    return [f.aliases[0] for f in fields(contract)] + spread(contract)


def barest(contract: Contract, group: list[str]) -> list[str]:
    """The columns without which the source cannot be told or its rows are returned."""
    must = [f.name for f in fields(contract) if f.required and not {"derive", "default"} & f.custom.keys()]
    return [f.aliases[0] for f in fields(contract) if f.name in (*group, *must)] + spread(contract)


def found(headers: list[str], **more) -> tuple[str, ...]:
    layout = detect(sheet(headers, ["1"] * len(headers)), **more)
    assert layout is not None, headers
    return layout.ambiguous or (layout.contract.source,)


@EVERY
def test_whole_form_is_its_source(contract: Contract):
    headers = whole(contract)
    assert found(headers) == (contract.source,)
    random.Random(contract.source).shuffle(headers)  # noqa: S311
    assert found(headers) == (contract.source,)


@EVERY
def test_barest_form_is_its_source(contract: Contract):
    for group in contract.custom["detection"]["requires"]:
        assert found(barest(contract, group)) == (contract.source,), group


def habits(header: str, unit: str | None) -> list[str]:
    wide = header.translate(str.maketrans("()0123456789", "（）０１２３４５６７８９"))
    return [
        "　".join(header),
        f" *{wide} ",
        header.replace("(", "【").replace(")", "】"),
        f"{header}({unit})" if unit and "(" not in header else header,
        f"{header}（必填）" if "(" not in header else header,
    ]


@EVERY
@pytest.mark.parametrize("habit", range(5), ids=["spaced", "full width", "other brackets", "unit", "remark"])
def test_habits_of_schools_do_not_matter(contract: Contract, habit: int):
    units = {f.aliases[0]: (f.unit or {}).get("kind") for f in fields(contract)}
    names = {"money": "万元", "area": "㎡"}
    headers = [habits(h, names.get(units.get(h) or ""))[habit] for h in whole(contract)]
    assert found(headers) == (contract.source,)


@EVERY
def test_every_accepted_header_is_that_field(contract: Contract):
    for f in fields(contract):
        for alias in f.aliases:
            others = [g.aliases[0] for g in fields(contract) if g.name != f.name]
            layout = detect(sheet([alias, *others, *spread(contract)], ["1"] * (len(others) + 3)))
            assert layout is not None
            assert layout.contract.source == contract.source, alias
            assert layout.fields[f.name] == 0, alias


MONEY = ["预算单位代码", "单位名称", "项目名称", "金额(元)"]


def test_title_then_file_name_settle_what_headers_leave_open(county: County):
    assert found(MONEY) == ("budget_execution", "budget_lines")
    assert found(MONEY, name="2024/县教育局决算.xlsx") == ("budget_execution",)
    titled = detect(sheet(["2024年教育经费预算表", "", "", ""], MONEY, ["1", "局", "培训", "3"]), name="决算.xlsx")
    assert titled is not None
    assert (titled.contract.source, titled.ambiguous) == ("budget_lines", ())
    county.put("990101/2024/x.csv", ",".join(MONEY) + "\n1,局,培训,3\n")
    result = county.run()["990101/2024/x.csv"]
    assert result.status == "rejected"
    assert "budget_execution" in result.message_zh
    assert "budget_lines" in result.message_zh


def test_a_missing_required_column_is_told_not_taken_for_another_form(county: County):
    county.put_reference()
    roster = contracts()["pupil_roster"]
    headers = [f.aliases[0] for f in roster.read_fields if f.name != "grade"]
    assert found(headers) == ("pupil_roster",)
    county.put("990101/x.csv", ",".join(headers) + "\n" + ",".join(["1"] * len(headers)) + "\n")
    result = county.run()["990101/x.csv"]
    assert (result.status, result.source) == ("rejected", "pupil_roster")
    assert "缺少“年级”列" in result.message_zh


def test_a_page_that_is_no_form_fits_nothing():
    for headers in (["菜名", "数量", "单价"], ["姓名", "电话"], ["学校名称", "备注"]):
        assert detect(sheet(headers, ["1"] * len(headers))) is None


def test_detection_is_cheap_among_all_sources():
    """A small sheet costs a fraction of a reader's time: 500 sheets in well under two seconds."""
    sheets = [sheet([f"某县{i}报表"], whole(c), ["1"] * 9) for c in ALL for i in range(7)]
    started = time.process_time()
    for s in sheets:
        detect(s)
    assert time.process_time() - started < 2


def test_table_number_names_the_source_of_its_year():
    year = "2024-2025"
    assert forms.sources_of_tables(["表  号：基础基312"], year) == {"school_enrolment"}
    assert forms.sources_of_tables(["表号:基础基3121"], year) == set()
    assert forms.sources_of_tables(["表号:基础基531"], year) == {"digital_equipment"}
    assert forms.sources_of_tables(["表号:基础基531"], "2019-2020") == set()


def test_several_kinds_in_one_file_are_named():
    book = Book([sheet(whole(contracts()[s]), ["1"] * 40) for s in ("population", "surveys")])
    with pytest.raises(SchoolhouseError, match="population, surveys"):
        open_document(Arrival(None, "/x.csv", "x.csv", ()), book)  # type: ignore[arg-type]


def test_form_of_the_year_gives_the_unit_and_the_column(county: County):
    """The same header, in yuan to 2022 and in ten thousand yuan after."""
    for year in ("2022", "2023"):
        county.put(
            f"990101/{year}/x.csv", f"{year}年预算执行表\n预算单位代码,单位名称,项目名称,全年执行数\n1,局,培训,3\n"
        )
    county.run(region="990101")
    assert county.raw("budget_execution", "period, CAST(amount_yuan AS INTEGER)") == [("2022", 3), ("2023", 30000)]


def test_header_of_another_years_form_is_not_taken():
    headers = ["学校标识码", "学校名称", "在校生数", "运动场(馆)面积"]
    old, new = (detect(sheet(headers, ["1"] * 4), places=(y,)) for y in ("2019-2020", "2023-2024"))
    assert old is not None
    assert new is not None
    assert old.fields["sports_ground_area_m2"] == 3
    assert "sports_ground_area_m2" not in new.fields
    assert "运动场(馆)面积" in new.extras
