"""The written files: the same bytes each time, the shapes of an office, the planted faults where the list says."""

from __future__ import annotations

import csv
import hashlib
import time
from pathlib import Path

import pytest
from python_calamine import CalamineWorkbook

from synth import Summary, generate


def _hashes(root: Path) -> dict[str, str]:
    return {
        p.relative_to(root).as_posix(): hashlib.sha256(p.read_bytes()).hexdigest()
        for p in sorted(root.rglob("*"))
        if p.is_file()
    }


def _rows(path: Path, sheet: int = 0) -> list[list[object]]:
    return CalamineWorkbook.from_path(str(path)).get_sheet_by_index(sheet).to_python(skip_empty_area=False)


def _table(path: Path, encoding: str = "utf-8-sig") -> list[dict[str, str]]:
    with path.open(encoding=encoding, newline="") as f:
        return list(csv.DictReader(f))


@pytest.fixture(scope="module")
def clean(county_clean_files) -> Path:
    return county_clean_files


@pytest.fixture(scope="module")
def mild(county_files) -> Path:
    return county_files


@pytest.fixture(scope="module")
def again(clean, tmp_path_factory) -> tuple[Path, Summary]:
    """The clean county written once more, and what the writer says of it."""
    out = tmp_path_factory.mktemp("again")
    time.sleep(1.1)  # a clock in a file would have moved
    return out, generate(out)


def test_same_arguments_give_the_same_bytes(clean, again):
    assert _hashes(again[0]) == _hashes(clean)


@pytest.mark.slow
def test_another_seed_gives_other_figures(clean, tmp_path):
    generate(tmp_path, seed=7)
    ours, theirs = _hashes(clean), _hashes(tmp_path)
    assert ours["truth.csv"] != theirs["truth.csv"]
    lists = {"990201/行政区划.csv", "990201/规划约束.csv", "990201/approvals.csv", "990201/explanations.csv"}
    same = {p for p in ours if theirs.get(p) == ours[p]}
    assert lists <= same
    people = ("学籍", "教师信息", "教师荣誉", "教师培训", "基表", "成绩", "任课", "班额")
    assert not [p for p in same if any(word in p for word in people)]


@pytest.mark.slow
def test_a_second_run_leaves_nothing_of_the_first(mild, clean, tmp_path):
    generate(tmp_path, defects="mild", counties=2, schools=4)
    generate(tmp_path)
    assert _hashes(tmp_path) == _hashes(clean)


YEARLY = {
    "小学基表.xlsx", "初中基表.xlsx", "学前基表.xlsx", "高中基表.xlsx", "特殊教育基表.xlsx", "中职基表.xlsx",
    "教师信息.csv", "考试科目参数.csv", "exam_scores", "分年级学生情况统计表.xlsx", "班级班额表.csv", "学籍花名册.csv",
    "学籍花名册", "学籍异动表.csv", "高中阶段在读学生统计表.xlsx", "教师培训登记表.csv", "教师交流轮岗登记表.xlsx",
    "教师任课安排表.csv", "班级课程安排表.csv",
    "课程方案规定周课时表.xlsx", "班级体育锻炼与在校时间表.csv", "研训员联系学校表.csv", "学校编制情况表.xlsx",
    "县级教职工编制总额表.xlsx", "学科应配教师表.csv", "考试监测计划表.xlsx", "中考报名表.csv", "升学考试",
}  # fmt: skip


def test_layout(clean):
    county = clean / "990201"
    lists = {"行政区划.csv", "规划约束.csv", "explanations.csv", "approvals.csv"}
    lists |= {"学校变更登记表.xlsx", "学籍号变更表.xlsx", "教师荣誉登记表.csv"}
    years = {f"{y}-{y + 1}" for y in range(2013, 2025)}
    assert lists | years | {"2022年财政", "2023年财政", "2024年财政"} <= {p.name for p in county.iterdir()}
    year = county / "2024-2025"
    assert {p.name for p in year.iterdir()} >= YEARLY
    assert len(list((year / "exam_scores").iterdir())) == 12
    light = {"小学基表.xlsx", "初中基表.xlsx", "学籍异动表.csv"}
    assert {p.name for p in (county / "2013-2014").iterdir()} == light
    assert {p.name for p in (county / "2019-2020").iterdir()} == light | {"教师培训登记表.csv"}
    regions = _table(county / "行政区划.csv")
    assert [r["行政区划代码"] for r in regions if r["级别"] == "county"] == ["990201"]
    assert [r["文件代码"] for r in _table(county / "规划约束.csv")] == ["000", "001", "002", "003", "004"]


def test_the_report_reads_like_the_form_and_its_totals_add_up(clean):
    rows = _rows(clean / "990201/2024-2025/小学基表.xlsx")
    assert rows[0][0] == "2024-2025学年初小学基本情况统计表"
    assert rows[1][0] == "统计时点:2024年9月1日"
    assert str(rows[1][-1]).startswith("单位:")
    assert rows[2][8:10] == ["在校生数", ""]
    assert rows[3][8:10] == ["合计", "其中:女"]
    data, total = rows[4:-2], rows[-2]
    assert len(data) == 9
    assert total[0] == "合计"
    for column in range(7, 25):
        assert sum(r[column] for r in data) == pytest.approx(total[column], abs=1e-6)


def test_truth_agrees_with_the_clean_report(clean):
    """Not how truth is made (it reads no file), but what it must say."""
    truth = {
        (r["entity_id"], r["measure"]): r["value"]
        for r in _table(clean / "truth.csv")
        if (r["period_id"], r["entity_type"], r["stage"]) == ("2024-2025", "section", "primary")
    }
    for r in _rows(clean / "990201/2024-2025/小学基表.xlsx")[4:-2]:
        assert int(truth[r[0], "student_count"]) == r[8]
        assert int(truth[r[0], "ft_teacher_count"]) == r[13]
        assert float(truth[r[0], "equipment_value_yuan"]) == pytest.approx(r[21] * 10000)
        assert float(truth[r[0], "sports_area_m2"]) == pytest.approx(r[19] + r[20])
        assert float(truth[r[0], "teaching_auxiliary_area_net_m2"]) == pytest.approx(r[18] - r[19])


def test_score_sheets_come_in_five_shapes(clean):
    folder = clean / "990201/2024-2025/exam_scores"
    files = {p.name[:10]: p for p in folder.iterdir()}
    first, second, third, fourth, fifth = (
        files[c] for c in ("2199201001", "2199201002", "3199201003", "2199201004", "2199201005")
    )
    rows = _rows(first)
    assert rows[0][0] == "2024-2025学年末教学质量监测"
    assert rows[1][:3] == ["学籍号", "学校标识码", "学校"]
    assert rows[2][7:] == ["得分"] * 4
    assert (
        second.read_bytes()
        .decode("gb18030")
        .startswith("学籍号,学校标识码,学校,年级,班级,姓名,性别,语文,数学,英语,总分")
    )
    assert third.read_bytes().startswith(b"\xef\xbb\xbf")
    junior = _table(third)
    assert next(iter(junior[0])) == "全国学籍号"
    assert all(r["物理成绩"] == "" for r in junior if r["年级"] == "七年级")
    assert any(r["物理成绩"] not in ("", "缺") for r in junior if r["年级"] == "八年级")
    rows = _rows(fourth)
    assert rows[-2][0] == "平均分"
    assert rows[-1][0] == "填表人:"
    assert any(-1 in r for r in rows)
    assert _rows(fifth)[0][0] == "学籍号"


def test_totals_of_a_score_sheet_are_the_sum_of_the_marks(clean):
    path = next((clean / "990201/2024-2025/exam_scores").glob("2199201001*"))
    for row in _rows(path)[3:]:
        assert row[-1] == sum(m for m in row[7:-1] if isinstance(m, int | float))


def test_truth_of_the_exams_is_what_the_clean_sheets_say(clean):
    truth = {
        (r["entity_id"], r["grade"], r["subject"], r["measure"]): r["value"]
        for r in _table(clean / "truth.csv")
        if (r["period_id"], r["entity_type"]) == ("2024-2025", "school") and r["subject"] != "_all"
    }
    grades = {f"{zh}年级": str(i) for i, zh in enumerate("一二三四五六七八九", start=1)}
    seen: dict[tuple[str, str, str], list[float]] = {}
    roll: dict[tuple[str, str, str], int] = {}
    for path in (clean / "990201/2024-2025/exam_scores").iterdir():
        if path.suffix == ".csv":
            encoding = "utf-8-sig" if path.read_bytes()[:3] == b"\xef\xbb\xbf" else "gb18030"
            with path.open(encoding=encoding, newline="") as f:
                rows: list[list[object]] = [*csv.reader(f)]
        else:
            rows = _rows(path)
        header = next(r for r in rows if "班级" in r)
        for row in (r for r in rows if str(r[0])[:1] in ("G", "J", "L") and len(str(r[0])) == 19):
            for name, mark in list(zip(header, row, strict=True))[7:-1]:
                if mark != "":
                    key = (str(row[1]), grades[str(row[3])], str(name)[:2])
                    roll[key] = roll.get(key, 0) + 1
                    if mark not in ("缺考", "缺", "Q", -1, "免考", "缓考"):
                        seen.setdefault(key, []).append(float(mark))  # type: ignore[arg-type]
    assert {k[:3] for k in truth} == set(roll) == set(seen)
    for key, marks in seen.items():
        full = 120 if int(key[1]) > 6 and key[2] != "物理" else 100
        assert int(truth[*key, "exam_roll_count"]) == roll[key]
        assert int(truth[*key, "exam_scored_count"]) == len(marks)
        assert float(truth[*key, "exam_score_sum"]) == sum(marks)
        assert float(truth[*key, "exam_score_sumsq"]) == sum(m * m for m in marks)
        for name, share in (("excellent", 85), ("good", 70), ("pass", 60)):
            assert int(truth[*key, f"exam_{name}_count"]) == sum(m * 100 >= share * full for m in marks)
        assert int(truth[*key, "exam_low_count"]) == sum(m * 100 < 40 * full for m in marks)


def test_finance_sheets_add_up_and_agree_with_truth(clean):
    truth = {(r["period_id"], r["measure"], r["group_code"]): r["value"] for r in _table(clean / "truth.csv")}
    budget = clean / "990201/2024年财政/教育经费预算表.xlsx"
    for sheet, version in enumerate(("年初预算", "调整预算")):
        rows = _rows(budget, sheet)
        assert rows[0][0] == "2024年教育经费预算表"
        assert rows[1][-1] == "单位:万元"
        lines = [r for r in rows[3:-2] if r[0] != "小计"]
        subtotals = [r[-1] for r in rows if r[0] == "小计"]
        total = rows[-2][-1]
        assert sum(subtotals) == pytest.approx(total, abs=1e-6)
        assert sum(r[-1] for r in lines) == pytest.approx(total, abs=1e-6)
        assert int(truth["2024", "budget_yuan", version]) == round(total * 10000)
        assert {r[4] for r in lines} == {"2050201", "2050202", "2050203", "2050204", "2050302", "2050701"}
        assert {"教研专项", "校园文化", "教师培训", "师训费", "义务教育发展专项", "奖学金", "校长创新实践"} <= {
            r[3] for r in lines
        }
    paid = _table(clean / "990201/2024年财政/教育经费执行表.csv")
    final = sum(round(float(r["执行金额(万元)"]) * 100) for r in paid if r["口径"] == "决算")
    assert int(truth["2024", "edu_expenditure_yuan", "_all"]) == final * 100
    assert (clean / "990201/2023年财政/教育经费执行表.xlsx").is_file()


def test_a_clean_county_plants_nobody_but_the_canaries(clean):
    assert {r["check_id"] for r in _table(clean / "defects.csv")} == {"canary"}
    reasons = {(r["check_id"], r["school_year"]) for r in _table(clean / "990201/explanations.csv")}
    years = ("2022-2023", "2023-2024", "2024-2025")
    assert reasons == {(check, y) for y in years for check in ("published_flat", "school_missing_in_exam")}
    roles = {(r["school_year"], r["role"]): r["approver"] for r in _table(clean / "990201/approvals.csv")}
    assert len(roles) == 6
    assert roles["2024-2025", "statistics_officer"] != roles["2024-2025", "bureau_leader"]
    assert {r["basis"] for r in _table(clean / "truth.csv")} == {"latent"}


def _cell(root: Path, defect: dict[str, str]) -> object:
    path, row = root / defect["file"], int(defect["row"]) - 1
    column = ord(defect["column"]) - ord("A")
    if path.suffix == ".xlsx":
        return _rows(path)[row][column]
    encoding = "utf-8-sig" if path.read_bytes()[:3] == b"\xef\xbb\xbf" else "gb18030"
    with path.open(encoding=encoding, newline="") as f:
        return list(csv.reader(f))[row][column]


def test_planted_faults_stand_where_the_list_says(mild):
    defects = [d for d in _table(mild / "defects.csv") if d["check_id"] != "canary"]
    assert len(defects) == 9
    over, unknown, twice, broken, strange, roster, total, silent, _ = defects
    assert float(_cell(mild, over)) == 123
    assert _cell(mild, unknown) == "2199999999"
    hashes = _hashes(mild / "990201/2024-2025/exam_scores")
    assert list(hashes.values()).count(hashes[Path(twice["file"]).name]) == 2
    with pytest.raises(Exception):  # noqa: B017
        _rows(mild / broken["file"])
    for d in (broken, strange):
        assert hashlib.sha256((mild / d["file"]).read_bytes()).hexdigest().startswith(d["entity_id"])
    code, _ = roster["entity_id"].split("/")
    teachers = [
        r for r in _table(mild / roster["file"], "gb18030") if r["学校标识码"] == code and r["岗位类别"] == "专任教师"
    ]
    reported = next(r[13] for r in _rows(mild / "990201/2024-2025/小学基表.xlsx") if r[0] == code)
    assert len(teachers) == reported - 1
    report = _rows(mild / total["file"])
    assert _cell(mild, total) == sum(r[8] for r in report[4:-2]) + 10
    assert not (mild / silent["file"]).exists()


def test_every_fault_that_wants_a_reason_has_one(mild):
    reasons = {(r["check_id"], r["entity_id"]) for r in _table(mild / "990201/explanations.csv")}
    for d in _table(mild / "defects.csv"):
        if d["expected"] in ("explain", "reject_row", "reject_file"):
            for entity in d["entity_id"].split(";"):
                assert (d["check_id"], entity) in reasons


def test_canaries_can_be_found_in_the_files_and_nowhere_else(clean, again):
    summary = again[1]
    pupil = next(i for i in summary.canary_identifiers if i.startswith("G"))
    found = [d for d in _table(clean / "defects.csv") if d["entity_id"] == pupil]
    assert len(found) == 3
    for d in found:
        assert _cell(clean, d) == pupil
    roster = (clean / "990201/2024-2025/教师信息.csv").read_bytes().decode("gb18030")
    assert all(
        roster.count(t) == 1
        for t in (summary.canary_names[1], next(i for i in summary.canary_identifiers if i != pupil))
    )
    assert not any(i in (clean / "truth.csv").read_text(encoding="utf-8") for i in summary.canary_identifiers)


@pytest.mark.parametrize(
    ("arguments", "word"),
    [
        ({"defects": "some"}, "defects"),
        ({"schools": 3}, "schools"),
        ({"years": 0}, "years"),
        ({"counties": 0}, "counties"),
    ],
)
def test_wrong_arguments_are_refused_in_one_line(tmp_path, arguments, word):
    with pytest.raises(ValueError, match=word) as e:
        generate(tmp_path / "x", **arguments)
    assert "\n" not in str(e.value)
    assert not (tmp_path / "x").exists()


def test_a_folder_with_other_things_is_left_alone(tmp_path):
    (tmp_path / "important.txt").write_text("x")
    with pytest.raises(ValueError, match="holds something else"):
        generate(tmp_path)
    assert [p.name for p in tmp_path.iterdir()] == ["important.txt"]
