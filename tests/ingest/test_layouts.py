"""Finding the header and classing the rows."""

from __future__ import annotations

import pytest

from ingest.contracts import contracts
from ingest.layouts import detect
from ingest.readers import read
from ingest.rows import classify

HEADER = "学籍号,学校标识码,年级,班级,语文,数学,总分"
PUPIL = "G990101201301010011,2199000001,三年级,1班,90,95,185"


def classes(text: str) -> list[str]:
    sheet = read(text.encode())[0]
    return classify(sheet, detect(sheet)).to_pylist()


def test_every_class_of_row():
    text = "\n".join(
        [
            f"期末成绩册{',' * 6}",
            f"单位:分{',' * 6}",
            f"2022年6月20日{',' * 6}",
            HEADER,
            ",,,,得分,得分,得分",
            PUPIL,
            "第一小学小计,,,,90,95,",
            ",,,,,,",
            HEADER,
            PUPIL,
            "合 计,,,,180,190,",
            "平均分,,,,90,95,",
            "注:缺考不计",
            "填表人:   审核人:",
            "以上数据截至六月底不含借读学生",
        ]
    )
    assert classes(text) == [
        "title",
        "unit",
        "date",
        "header",
        "header",
        "data",
        "subtotal",
        "blank",
        "header",
        "data",
        "total",
        "mean",
        "note",
        "signature",
        "note",
    ]


def test_date_and_unit_in_one_row_are_no_header():
    """They stand at the two ends of the row above a header of two rows."""
    text = (
        "2021-2022学年初小学基本情况统计表,,,\n统计时点:2021年9月1日,,,单位:人、个\n"
        "学校标识码,学校名称,在校生数,\n,,合计,其中:女\n2199000001,第01小学,74,33\n"
    )
    layout = detect(read(text.encode())[0])
    assert layout is not None
    assert (layout.start, layout.depth) == (2, 2)
    assert layout.fields == {"school_code": 0, "school_name": 1, "student_count": 2, "female_student_count": 3}


def test_lone_code_is_a_row_not_a_note():
    assert classes(f"{HEADER}\nG990101201301010011,,,,,,\n{PUPIL}")[1] == "data"


@pytest.mark.parametrize(
    ("header", "subject"),
    [
        ("语文成绩", "语文"),
        ("语 文", "语文"),
        ("语文(150)", "语文"),
        ("道法", "道德与法治"),
        ("政治得分", "道德与法治"),
        ("历史(开卷)", "历史"),
        ("外语", "英语"),
        ("生物学", "生物"),
        ("语文名次", None),
        ("语文等级", None),
        ("备注", None),
    ],
)
def test_subject_headers(header, subject):
    sheet = read(f"学籍号,学校(机构)标识码,年级,班级,数学,{header}\nG,1,三年级,1班,1,2".encode())[0]
    layout = detect(sheet)
    assert layout is not None
    assert layout.contract.source == "exam_scores"
    assert set(layout.spread) - {"数学"} == ({subject} if subject else set())


def test_two_row_header_reads_the_child_of_each_parent():
    text = (
        "学校标识码,学校名称,在校生数,,专任教师数,\n,,合计,其中:女,合计,其中:研究生毕业\n2199000001,第01小学,74,33,4,2"
    )
    layout = detect(read(text.encode())[0])
    assert layout is not None
    assert {
        k: layout.fields[k]
        for k in ("student_count", "female_student_count", "ft_teacher_count", "postgraduate_teacher_count")
    } == {"student_count": 2, "female_student_count": 3, "ft_teacher_count": 4, "postgraduate_teacher_count": 5}


def test_contracts_are_whole():
    for contract in contracts().values():
        names = {f.name for f in contract.fields}
        assert len(names) == len(contract.fields)
        for group in contract.custom["detection"]["requires"]:
            assert set(group) <= names
        for f in contract.read_fields:
            assert f.aliases, f"{contract.source}.{f.name} can be found in no sheet"
        assert set(contract.custom["scope"]) <= names


def test_words_of_a_whole_row_do_not_make_it_a_footer():
    text = "岗位类别,教师编号,学校标识码,任教学科\n校长(兼),T1,2199000001,语文\n专任教师,T2,2199000001,合计"
    assert classes(text) == ["header", "data", "data"]


def test_label_of_a_mean_row_may_stand_in_any_column():
    assert classes(f"语文,{HEADER.replace(',语文', '')}\n{PUPIL}\n90,平均分,,,,95,185")[2] == "mean"
