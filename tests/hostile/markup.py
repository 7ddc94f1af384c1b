"""Workbooks whose XML is an attack or a ruin, and sheets that claim to be vast."""

from __future__ import annotations

from tests.hostile import tables
from tests.hostile.builders import HEAD, Raw, ods, pack, parts_of, sheet_xml, xlsx, xlsx_with
from tests.hostile.case import Register
from tests.hostile.zips import DAMAGED, LOCKED

ENTITIES = ("defines entities", "实体或外部引用")
VAST = ("more than a million by 20", "超过100万行")


def laughs(levels: int = 9) -> str:
    lines = ['<!ENTITY l0 "哈哈哈哈哈哈哈哈哈哈">']
    lines += [f'<!ENTITY l{i} "{f"&l{i - 1};" * 10}">' for i in range(1, levels + 1)]
    return f"{HEAD}<!DOCTYPE worksheet [{''.join(lines)}]>"


def outside(where: str) -> str:
    return f'{HEAD}<!DOCTYPE worksheet [<!ENTITY x SYSTEM "{where}">]>'


def _sheet(xml: str) -> bytes:
    return pack(parts_of({"Sheet1": xml}))


def _replaced(part: str, data: str | bytes) -> bytes:
    return xlsx_with(tables.money(), {}, {part: data})


def _corner(ref: str) -> bytes:
    rows = tables.money()
    return xlsx([*rows, [Raw(f'<c r="{ref}"><v>1</v></c>')]])


def register(r: Register) -> None:
    rows = tables.money
    r.refuse_all(*ENTITIES, {
        "billion_laughs.xlsx": lambda: _sheet(sheet_xml(rows(), prolog=laughs())),
        "billion_laughs_in_strings.xlsx": lambda: xlsx_with(rows(), {"xl/sharedStrings.xml": laughs() + "<sst/>"}),
        "billion_laughs_in_the_book.xlsx": lambda: _replaced("xl/workbook.xml", laughs() + "<workbook/>"),
        "quadratic_blowup.xlsx": lambda: (
            _sheet(sheet_xml(rows(), prolog=f'{HEAD}<!DOCTYPE w [<!ENTITY a "{"a" * 50_000}">]>'))
        ),
        "outside_file.xlsx": lambda: _sheet(sheet_xml(rows(), prolog=outside("file:///etc/passwd"))),
        "outside_address.xlsx": lambda: _sheet(sheet_xml(rows(), prolog=outside("http://127.0.0.1:9/x"))),
        "outside_share.xlsx": lambda: _sheet(sheet_xml(rows(), prolog=outside("\\\\127.0.0.1\\c$\\x"))),
        "outside_grammar.xlsx": lambda: (
            _sheet(sheet_xml(rows(), prolog=f'{HEAD}<!DOCTYPE w SYSTEM "http://127.0.0.1:9/w.dtd">'))
        ),
        "parameter_entity.xlsx": lambda: (
            _sheet(sheet_xml(rows(), prolog=f'{HEAD}<!DOCTYPE w [<!ENTITY % p SYSTEM "x"> %p;]>'))
        ),
        "entities_in_types.xlsx": lambda: _replaced("[Content_Types].xml", laughs(2) + "<Types/>"),
        "entities_in_relations.xlsx": lambda: _replaced("xl/_rels/workbook.xml.rels", laughs(2) + "<Relationships/>"),
        "entities_in_styles.xlsx": lambda: xlsx_with(rows(), {"xl/styles.xml": laughs(2) + "<styleSheet/>"}),
        "entities_behind_a_comment.xlsx": lambda: (
            _sheet(sheet_xml(rows(), prolog=f"{HEAD}<!--{'x' * (2 << 20)}--><!DOCTYPE w>"))
        ),
        "open_billion_laughs.ods": lambda: ods(rows(), prolog=laughs()),
        "open_outside_file.ods": lambda: ods(rows(), prolog=outside("file:///etc/passwd")),
    })  # fmt: skip
    r.refuse_all(*DAMAGED, {
        "entities_in_utf16.xlsx": lambda: (
            _replaced("xl/worksheets/sheet1.xml", (laughs(3) + "<worksheet/>").encode("utf-16"))
        ),
        "sheet_is_no_xml.xlsx": lambda: _sheet("这不是 XML" * 50),
        "sheet_breaks_off.xlsx": lambda: _sheet(sheet_xml(rows())[:-60]),
        "tags_cross.xlsx": lambda: _sheet(sheet_xml(rows()).replace("</row>", "</c></row>", 1)),
        "book_is_no_xml.xlsx": lambda: _replaced("xl/workbook.xml", b"\x00\x01\x02" * 99),
        "string_that_is_not_there.xlsx": lambda: xlsx([*rows(), [Raw('<c r="{ref}" t="s"><v>99999999</v></c>')]]),
        "place_that_is_none.xlsx": lambda: xlsx([*rows(), [Raw('<c r="1A"><v>1</v></c>')]]),
    })  # fmt: skip
    r.refuse_all("has no worksheet", "没有数据工作表", {
        "no_sheets.xlsx": lambda: pack(parts_of({})),
    })  # fmt: skip
    r.refuse_all("sheets, more than", "个工作表", {
        "three_hundred_sheets.xlsx": lambda: pack(parts_of({f"第{i}张": sheet_xml([["a"]]) for i in range(300)})),
    })  # fmt: skip
    r.refuse_all(*LOCKED, {
        "open_password.ods": lambda: ods(rows(), manifest=f"{HEAD}<manifest><encryption-data/></manifest>"),
    })  # fmt: skip
    r.refuse_all(*VAST, {
        "cell_in_the_last_corner.xlsx": lambda: _corner("XFD1048576"),
        "cell_beyond_the_last_row.xlsx": lambda: _corner("A1048577"),
        "cell_beyond_the_last_column.xlsx": lambda: _corner("ZZZZ9"),
        "row_of_twelve_digits.xlsx": lambda: _corner("A999999999999"),
        "two_columns_too_wide.xlsx": lambda: _corner("AZ900000"),
        "open_rows_repeated.ods": lambda: ods([], content=_repeated("rows", 10**9)),
        "open_columns_repeated.ods": lambda: ods([], content=_repeated("columns", 10**9)),
    })  # fmt: skip
    r.refuse_all("columns, more than", "列,超过", {
        "ten_thousand_columns.xlsx": lambda: _corner("NTP4"),
    })  # fmt: skip
    r.refuse_all("more than 1000000 characters", "超过1000000个字符", {
        "one_vast_cell.xlsx": lambda: (
            xlsx([*rows(), ["".join(chr(0x4E00 + i * 7919 % 20000) for i in range(1_200_000))]])
        ),
    })  # fmt: skip

    @r.load("1 rows accepted", "接收1行")
    def declares_ten_gigabytes() -> bytes:
        return xlsx(rows(), dimension="A1:XFD1048576")

    @r.load("1 rows accepted", "接收1行")
    def declares_impossible_dimension() -> bytes:
        return xlsx(rows(), dimension="A1:ZZZZZZ999999999999")

    @r.load("1 rows accepted", "接收1行")
    def formats_down_to_the_last_row() -> bytes:
        return xlsx([*rows(), [Raw('<c r="XFD1048576" s="0"/>')]])

    @r.load("formulas have no saved value", "公式没有保存结果", status="rejected", rule="required")
    def formulas_never_calculated() -> bytes:
        return xlsx(tables.money(["301001", "教育局", "维修", "执行", Raw('<c r="{ref}"><f>1+1</f></c>')]))

    @r.load("hidden sheets not loaded", "隐藏的工作表")
    def hidden_sheet() -> bytes:
        sheets = {"公开": sheet_xml(rows()), "底稿": sheet_xml(rows())}
        return pack(parts_of(sheets, states={"底稿": ' state="hidden"'}))

    @r.refuse("only in hidden sheets", "隐藏的工作表")
    def only_a_hidden_sheet() -> bytes:
        sheets = {"说明": sheet_xml([["填报说明"]]), "底稿": sheet_xml(rows())}
        return pack(parts_of(sheets, states={"底稿": ' state="veryHidden"'}))


def _repeated(what: str, count: int) -> str:
    cell = '<table:table-cell{} office:value-type="float" office:value="1"><text:p>1</text:p></table:table-cell>'
    attribute = f' table:number-{what}-repeated="{count}"'
    if what == "columns":
        return f"<table:table-row>{cell.format(attribute)}</table:table-row>"
    return f"<table:table-row{attribute}>{cell.format('')}</table:table-row>"
