"""The files about people against the truth, counted once more in plain python from what an office would read."""

from __future__ import annotations

import csv
from collections import Counter, defaultdict
from pathlib import Path

import pytest
from python_calamine import CalamineWorkbook

from synth.generate import share_out

YEARS = (2022, 2023, 2024)
BASIC = {f"{z}年级": i for i, z in enumerate("一二三四五六七八九", start=1)}


@pytest.fixture(scope="module")
def county(county_clean_files) -> Path:
    return county_clean_files / "990201"


@pytest.fixture(scope="module")
def truth(county) -> dict[tuple[str, str, str], str]:
    """(indicator, period, stage) -> value of the county."""
    with (county.parent / "truth.csv").open(encoding="utf-8", newline="") as f:
        return {
            (r["measure"], r["period_id"], r["stage"]): r["value"]
            for r in csv.DictReader(f)
            if r["entity_type"] == "county" and r["group_code"] == "_all" and r["grade"] == "_all"
        }


def _csv(path: Path) -> list[dict[str, str]]:
    data = path.read_bytes()
    text = data.decode("utf-8-sig" if data[:3] == b"\xef\xbb\xbf" else "gb18030")
    return list(csv.DictReader(text.splitlines()))


def _workbook(path: Path, key: str) -> list[dict[str, object]]:
    """Rows under the header that has `key`, up to the first line that does not begin with a code or a year."""
    rows = CalamineWorkbook.from_path(str(path)).get_sheet_by_index(0).to_python(skip_empty_area=False)
    top = next(i for i, r in enumerate(rows) if key in r)
    header = [str(c) for c in rows[top]]
    return [dict(zip(header, r, strict=True)) for r in rows[top + 1 :] if r[0] not in ("", "合计", "填表人:")]


def _report(county: Path, year: int, stage: str) -> list[dict[str, object]]:
    rows = _workbook(county / f"{year}-{year + 1}/{stage}基表.xlsx", "学校(机构)标识码")
    return [r for r in rows if len(str(r["学校(机构)标识码"])) == 10]


def _rosters(county: Path, year: int) -> list[dict[str, object]]:
    folder = county / f"{year}-{year + 1}"
    rows: list[dict[str, object]] = [*_csv(folder / "学籍花名册.csv")]
    for path in sorted((folder / "学籍花名册").iterdir()):
        rows += _workbook(path, "学籍号")
    return rows


def _events(county: Path) -> list[tuple[int, int, str, str]]:
    """(school year, grade, kind, date of return) of every event of general schooling."""
    found = []
    for folder in county.iterdir():
        if (folder / "学籍异动表.csv").is_file():
            for r in _csv(folder / "学籍异动表.csv"):
                year, month, _ = (int(x) for x in r["异动日期"].split("-"))
                assert int(folder.name[:4]) == (year if month >= 9 else year - 1)
                if r["年级"] in BASIC:
                    found.append((int(folder.name[:4]), BASIC[r["年级"]], r["异动类型"], r["复学日期"]))
    return found


def test_retention_follows_from_reports_and_events(county, truth):
    events = Counter((y - (g - 1), g, kind) for y, g, kind, _ in _events(county))
    for year in YEARS:
        graduates = sum(int(r["毕业生数"]) for r in _report(county, year, "初中"))  # type: ignore[call-overload]
        for stage, first, span, name, scope in (
            ("小学", 1, 9, "enr_nine_year_retention", "primary;junior"),
            ("初中", 7, 3, "qua_junior_retention_3y", "junior"),
        ):
            base = sum(int(r["招生数"]) for r in _report(county, year - span, stage))  # type: ignore[call-overload]
            for grade in range(first, first + span):
                cohort = year - span - (first - 1)
                base += events[cohort, grade, "转入"] - events[cohort, grade, "转出"] - events[cohort, grade, "死亡"]
            assert float(truth[name, f"{year}-{year + 1}", scope]) == pytest.approx(100 * graduates / base, rel=1e-12)


def test_dropouts_are_those_who_did_not_return(county, truth):
    gone = Counter(y for y, g, kind, back in _events(county) if kind == "辍学" and not back)
    for year in YEARS:
        assert int(truth["gua_dropout_count", f"{year}-{year + 1}", "primary;junior"]) == gone[year]


def test_rosters_are_the_heads_of_the_reports(county):
    for year in YEARS:
        heads = Counter(str(r["学校标识码"]) for r in _rosters(county, year))
        reported: Counter[str] = Counter()
        for stage in ("学前", "小学", "初中", "高中", "特殊教育", "中职"):
            for r in _report(county, year, stage):
                reported[str(r["学校(机构)标识码"])] += int(r["在校生数"])  # type: ignore[call-overload]
        assert heads == reported
        classes: Counter[str] = Counter()
        for c in _csv(county / f"{year}-{year + 1}/班级班额表.csv"):
            classes[c["学校(机构)标识码"]] += int(c["班级人数"])
        assert classes == heads


def test_migrants_in_public_or_paid_places(county, truth):
    private = {str(r["学校(机构)标识码"]) for r in _report(county, 2024, "小学") if r["举办者"] == "民办"}
    entitled = [
        r for r in _rosters(county, 2024)
        if r["年级"] in BASIC and not str(r["学校标识码"]).startswith("51") and r["是否符合条件"] == "是"
    ]  # fmt: skip
    served = [r for r in entitled if str(r["学校标识码"]) not in private or r["是否政府购买学位"] == "是"]
    assert 0 < len(served) < len(entitled)
    value = float(truth["equ_migrant_public_share", "2024-2025", "primary;junior"])
    assert value == pytest.approx(100 * len(served) / len(entitled), rel=1e-12)


def test_a_temporary_number_becomes_one_final_number(county):
    changes = _workbook(county / "学籍号变更表.xlsx", "新学籍号")
    assert changes
    by_year = {y: {str(r["学籍号"]): str(r["姓名"]) for r in _rosters(county, y)} for y in YEARS}
    for c in changes:
        old, new, year = str(c["原学籍号"]), str(c["新学籍号"]), int(str(c["变更日期"])[:4])
        assert (old[0], len(old)) == ("L", 19)
        assert new[0] in "GJ"
        assert all(new not in by_year[y] for y in YEARS if y <= year)
        assert all(old not in by_year[y] for y in YEARS if y > year)
        assert {by_year[y].get(old, c["姓名"]) for y in YEARS} == {c["姓名"]}


def _teachers(county: Path, year: int) -> dict[str, dict[str, str]]:
    rows = _csv(county / f"{year}-{year + 1}/教师信息.csv")
    return {r["教师编号"]: r for r in rows if r["岗位类别"] == "专任教师"}


TITLES = {
    "骨干教师",
    "学科带头人",
    "教学能手",
    "名优教师",
    "骨干班主任",
    "名班主任",
    "兴江教学名师",
    "学科名师",
    "特级教师",
}


def test_backbone_teachers_of_the_report_are_those_of_the_register(county):
    honours = _csv(county / "教师荣誉登记表.csv")
    assert {r["级别"] for r in honours} == {"国家级", "省级", "市级", "县级", "区级", "校级"}
    for year in YEARS:
        day = f"{year}-09-01"
        holders = {
            r["教师编号"]
            for r in honours
            if r["称号"] in TITLES and r["级别"] != "校级" and r["获得时间"] <= day and (r["有效期至"] or day) >= day
        }
        counted = Counter(
            (t["学校标识码"], t["任教学段"]) for code, t in _teachers(county, year).items() if code in holders
        )
        for stage in ("小学", "初中", "学前", "高中", "特殊教育", "中职"):
            for r in _report(county, year, stage):
                assert int(r["县级及以上骨干教师数"]) == counted[str(r["学校(机构)标识码"]), stage]  # type: ignore[call-overload]


def test_hours_of_five_calendar_years(county, truth):
    hours: dict[str, dict[int, float]] = defaultdict(lambda: defaultdict(float))
    keys = set()
    for folder in county.iterdir():
        if (folder / "教师培训登记表.csv").is_file():
            for r in _csv(folder / "教师培训登记表.csv"):
                hours[r["教师编号"]][int(r["结束日期"][:4])] += float(r["学时"])
                keys.add((r["教师编号"], r["培训项目"], r["开始日期"]))
                assert r["开始日期"][:4] == r["结束日期"][:4]
    for year in YEARS:
        basic = [c for c, t in _teachers(county, year).items() if t["任教学段"] in ("小学", "初中")]
        full = sum(sum(hours[c][y] for y in range(year - 4, year + 1)) >= 360 for c in basic)
        value = float(truth["tch_training_360h_completion", str(year), "primary;junior"])
        assert value == pytest.approx(100 * full / len(basic), rel=1e-12)
        assert 50 < value < 95


def test_lessons_have_a_teacher_who_is_on_the_roster(county):
    folder = county / "2024-2025"
    known = set(_teachers(county, 2024))
    lessons = {
        (r["学校(机构)标识码"], r["年级"], r["班级"], r["课程"]): r["周课时"]
        for r in _csv(folder / "班级课程安排表.csv")
        if r["课程类型"] == "学科课程"
    }
    taught = _csv(folder / "教师任课安排表.csv")
    for term in ("上", "下"):
        one = {
            (r["学校(机构)标识码"], r["年级"], r["班级"], r["学科"]): r["周课时"] for r in taught if r["学期"] == term
        }
        assert one == lessons
    assert {r["教师编号"] for r in taught} <= known


def test_predecessors_end_where_their_successors_begin(county):
    changes = _workbook(county / "学校变更登记表.xlsx", "变更编号")
    assert {r["变更类型"] for r in changes} == {"更名", "合并", "拆分", "撤销", "复办", "类型变更"}
    codes = {
        y: {str(r["学校(机构)标识码"]) for s in ("小学", "初中") for r in _report(county, y, s)}
        for y in range(2013, 2025)
    }
    for r in changes:
        year, old, new = int(str(r["生效日期"])[:4]), str(r["原学校标识码"]), str(r["现学校标识码"])
        assert new in codes[year]
        if r["变更类型"] not in ("更名", "复办"):
            assert old in codes[year - 1]
            assert old not in codes[year]
    splits = [float(r["学生占比"]) for r in changes if r["变更类型"] == "拆分"]  # type: ignore[arg-type]
    assert sum(splits) == pytest.approx(1, abs=1e-4)
    assert codes[2021] == codes[2022] == codes[2024]


def test_candidates_numbers_lead_to_pupils(county):
    folder = county / "2024-2025"
    registered = {r["考号"]: r for r in _csv(folder / "中考报名表.csv")}
    sheet = _csv(next((folder / "升学考试").glob("*中考*.csv")))
    assert "学籍号" not in sheet[0]
    assert {r["考号"] for r in sheet} == set(registered)
    for r in sheet:
        assert r["学校标识码"] == registered[r["考号"]]["学校标识码"]
        marks = [v for k, v in list(r.items())[6:-1] if v != "缺考"]
        assert float(r["总分"]) == sum(map(float, marks))


def test_no_file_repeats_another(county):
    """What is the same to the byte is taken for a copy: every yearly table says its year."""
    seen: dict[bytes, Path] = {}
    for path in sorted(p for p in county.rglob("*") if p.is_file()):
        assert seen.setdefault(path.read_bytes(), path) == path


def test_a_province_is_shared_out():
    assert share_out(12, 3) == [12, 12, 12]
    sizes = share_out(20000, 1)
    assert sum(sizes) == 20000
    assert len(sizes) == 67
    assert max(sizes) - min(sizes) <= 1
