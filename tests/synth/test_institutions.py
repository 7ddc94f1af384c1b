"""The institutions' files: sums add up, filters of the catalogue find rows, answers follow from the files."""

from __future__ import annotations

import ast
import re
from math import ceil
from pathlib import Path

import pandas as pd
import pytest

import ingest
import synth.institutions
from synth import institutions
from synth.county import found
from synth.faults import Faults
from synth.money import allocate
from synth.report_files import write_lists, write_reports
from synth.truth import COLUMNS, KEYS
from tests.synth.office_files import hash_files, read_csv, read_sheets, read_table, read_years
from warehouse.settings import PROJECT_ROOT, Settings

SEEDS = PROJECT_ROOT / "dbt_project" / "seeds" / "plans"
YEARS = [2022, 2023, 2024]
STAGE = {
    "学前": "preschool",
    "小学": "primary",
    "初中": "junior",
    "高中": "senior",
    "特殊教育": "special",
    "中职": "vocational",
}
COMPULSORY = ("primary", "junior")
GRADES = {"6": "六年级"}


@pytest.fixture(scope="module")
def county():
    return found(0, schools=12, years=YEARS, seed=20240901, growing=False)


@pytest.fixture(scope="module")
def home(county, tmp_path_factory) -> Path:
    out = tmp_path_factory.mktemp("institutions") / county.region_code
    institutions.write(county, out)
    return out


@pytest.fixture(scope="module")
def told(county) -> pd.DataFrame:
    return institutions.tell(county)


def _value(told: pd.DataFrame, measure: str, period: str) -> float:
    row = told.loc[(told["measure"] == measure) & (told["period_id"] == period) & (told["group_code"] == "_all")]
    assert len(row) == 1, (measure, period)
    return float(row["value"].iloc[0])


@pytest.mark.slow
def test_same_county_same_bytes_and_another_seed_others(tmp_path):
    for name, seed in (("a", 1), ("b", 1), ("c", 2)):
        county = found(0, schools=4, years=[2023, 2024], seed=seed, growing=False)
        institutions.write(county, tmp_path / name)
        institutions.tell(county).to_csv(tmp_path / name / "truth.csv", index=False)
    ours, again, theirs = (hash_files(tmp_path / name) for name in "abc")
    assert again == ours
    same = {p for p in ours if theirs.get(p) == ours[p]}
    # A county of four schools has one junior and one senior school: their lists may say the same.
    assert {Path(p).stem for p in same} <= {
        "佐证材料登记表",
        "优质高中招生计划表",
        "优质高中名额分配表",
        "全市学校名次表",
    }


def test_totals_are_the_sums_of_their_columns(home):
    seen = 0
    for path in sorted(home.rglob("*.xlsx")):
        for rows in read_sheets(path):
            total = next((r for r in rows if r[0] == "合计"), None)
            if total is None:
                continue
            end = rows.index(total)
            for column in (i for i, v in enumerate(total) if i and isinstance(v, int | float)):
                numbers = [r[column] for r in rows[:end] if isinstance(r[column], int | float)]
                assert sum(numbers) == pytest.approx(total[column], abs=1e-6), (path.name, column)
                seen += 1
    assert seen > 60


def test_a_branch_of_the_ledger_is_the_sum_of_its_projects(home):
    ledger = read_table(home / "教育项目台账.xlsx", "项目编码")
    sums = ["设计学位数", "新建校舍面积(平方米)", "新建运动场面积(平方米)", "计划投资(万元)"]
    parents = ledger.loc[ledger["项目编码"].isin(ledger["上级项目编码"])]
    assert len(parents) == 7  # the whole and six branches
    for parent in parents.to_dict("records"):
        children = ledger.loc[ledger["上级项目编码"] == parent["项目编码"]]
        for column in sums:
            assert children[column].sum() == pytest.approx(parent[column], abs=1e-6), (parent["项目名称"], column)
    leaves = ledger.loc[~ledger["项目编码"].isin(ledger["上级项目编码"])]
    assert {"筹建", "在建", "完工"} >= set(leaves["项目状态"])
    done = leaves["项目状态"] == "完工"
    assert (leaves.loc[done, "竣工验收日期"] != "").all()
    assert (leaves.loc[~done, "竣工验收日期"] == "").all()


def test_progress_never_falls_and_never_passes_the_plan(home):
    months = read_years(home, "*财政/项目进度月报.csv")
    ledger = read_table(home / "教育项目台账.xlsx", "项目编码").set_index("项目编码")
    paid = months["累计支付(万元)"].astype(float)
    assert (paid <= months["项目编码"].map(ledger["计划投资(万元)"]) + 1e-9).all()
    ordered = months.assign(paid=paid).sort_values(["项目编码", "填报月份"])
    assert (ordered.groupby("项目编码")["paid"].diff().dropna() >= 0).all()
    assert ordered["paid"].sum() > 0


def test_payments_make_up_what_the_budget_says_is_paid(county, home):
    money = county.money
    for path in sorted(home.glob("*财政/专项资金下达与支付表.*")):
        year = int(path.parent.name[:4])
        payments = read_table(path, "支付凭证号")
        sums = (
            payments.assign(yuan=payments["支付金额(元)"].astype(float)).groupby(["项目名称", "资金来源"])["yuan"].sum()
        )
        bureau = money.loc[(money["year"] == year) & money["unit_code"].isin(["301001", "301002"])]
        expected = bureau.groupby(["project", "fund_source"])["paid"].sum() * 100
        for key, yuan in sums.items():
            assert expected[key] == pytest.approx(yuan), key
    assert (money["adjusted"] >= money["final"]).all()
    assert (money["final"] >= money["paid"]).all()
    carried = money.loc[money["fund_source"] == "上年结转"]
    assert set(carried["year"]) == {2023, 2024}
    for line in carried.itertuples():
        origin = money.loc[(money["year"] == line.year - 1) & (money["project"] == line.project)]
        assert line.initial in (origin["adjusted"] - origin["final"]).tolist()


def test_public_funds_are_those_of_the_schools_budget_lines(county, home):
    for year in YEARS:
        table = read_table(home / f"{year}年财政" / "生均公用经费核定拨付表.xlsx", "学校标识码")
        lines = county.money.loc[(county.money["year"] == year) & (county.money["category"] == "公用经费")]
        by_school = lines.loc[lines["unit_code"].str.startswith("3011")].groupby("unit_code")[["initial"]].sum() * 100
        allocated = table.groupby("3011" + table["学校标识码"].str[-3:])["公用经费核定数(元)"].sum()
        pd.testing.assert_series_equal(allocated, by_school["initial"], check_names=False, check_dtype=False)
    small = allocate(county.schools, county.sections, YEARS).merge(
        county.sections[["year", "school", "stage", "pupils"]], on=["year", "school", "stage"]
    )
    small = small.loc[small["stage"].isin(COMPULSORY) & (small["pupils"] < 90)]
    assert (small.loc[small["year"] == 2024, "funded"] == 100).all()
    assert (small.loc[small["year"] == 2023, "funded"] < 100).any()


# Where the catalogue's filters find their words: measure -> file and columns of its dimensions.
_WHERE = {
    "active_studio_count": ("工作室登记表.xlsx", {"studio_type": "工作室类型", "level": "级别"}),
    "activity_count": ("*/活动登记表.csv", {"activity_type": "活动类型"}),
    "activity_participant_count": ("*/选送学生交流参加名单.xlsx", {"activity_type": "活动类型"}),
    "audit_finding_count": ("*/审计发现问题表.xlsx", {"finding_type": "问题类型"}),
    "gap_item_count": ("短板弱项清单.csv", {"status": "状态"}),
    "incident_count": ("*/校园安全事件登记表.xlsx",
                       {"incident_type": "事件类型", "severity": "事件等级", "liability": "责任认定"}),
    "inspection_done_count": ("*/教学视导检查记录表.xlsx", {"inspection_item": "检查项目"}),
    "inspection_scope_count": ("*/教学视导检查记录表.xlsx", {"inspection_item": "检查项目"}),
    "key_point_count": ("*/学科重点知识点微课目录.*", {"stage": "学段"}),
    "key_point_with_lesson_count": ("*/学科重点知识点微课目录.*", {"stage": "学段"}),
    "lesson_observed_count": ("*/听课评课记录表.csv", {"observer_role": "听课人职务"}),
    "milestone_done_count": ("重点任务节点完成情况表.xlsx", {"milestone_type": "节点类型", "result": "结果"}),
    "peer_gaokao_student_count": ("*/全市各县区高考上线表.csv", {"line": "批次线"}),
    "peer_score_sum": ("*/分县区考试成绩表.xlsx", {"exam_type": "考试类型", "grade": "年级"}),
    "peer_scored_count": ("*/分县区考试成绩表.xlsx", {"exam_type": "考试类型", "grade": "年级"}),
    "project_completed_count": ("教育项目台账.xlsx", {}), "project_place_count": ("教育项目台账.xlsx", {}),
    "project_started_count": ("教育项目台账.xlsx", {}),
    "public_fund_allocated_yuan": ("*/生均公用经费核定拨付表.xlsx", {"stage": "学段"}),
    "recognition_count": ("认定立项登记表.csv", {"title": "认定名称", "level": "级别", "entity_type": "对象类型"}),
    "room_usable_area_m2": ("*/专用教室登记表.csv", {"room_type": "功能室类型"}),
    "satisfied_answer_count": ("*/*满意度调查汇总表.*", {"survey": "调查名称"}),
    "skill_assessed_student_count": ("*/综合素质技能测评汇总表.xlsx", {"skill_type": "技能类型"}),
    "special_room_count": ("*/专用教室登记表.csv", {"room_type": "功能室类型"}),
    "student_skill_count": ("*/综合素质技能测评汇总表.xlsx", {"skill_type": "技能类型"}),
    "valid_answer_count": ("*/*满意度调查汇总表.*", {"survey": "调查名称"}),
    "violation_count": ("*/违规行为查处登记表.csv", {"violation_type": "违规类型", "finding": "查实结论"}),
    "violation_school_count": ("*/违规行为查处登记表.csv", {"violation_type": "违规类型", "finding": "查实结论"}),
}  # fmt: skip
_PROJECT = {"project_type": "项目类型", "project_category": "项目类别", "stage": "学段", "ownership": "办别",
            "urban_rural": "城乡", "status": "项目状态"}  # fmt: skip
_DATES = {"project_completed_count": "竣工验收日期", "project_place_count": "竣工验收日期",
          "project_started_count": "开工日期", "recognition_count": "认定日期", "gap_item_count": "清单日期",
          "milestone_done_count": "实际日期",
          "active_studio_count": "认定日期"}  # fmt: skip


def _terms() -> list[tuple[str, str]]:
    terms = pd.read_csv(SEEDS / "term.csv", dtype=str).fillna("")
    wanted = terms.loc[(terms["filter_text"] != "") & terms["measure_code"].isin(list(_WHERE))]
    return list(wanted[["measure_code", "filter_text"]].itertuples(index=False, name=None))


@pytest.mark.parametrize(("measure", "where"), _terms())
def test_every_filter_of_the_catalogue_finds_rows(home, measure, where):
    pattern, columns = _WHERE[measure]
    columns = columns or _PROJECT
    table = read_years(home, pattern, *list(columns.values())[:2])
    if "学段" in table:
        table["学段"] = table["学段"].map(STAGE).fillna("")
    keep = pd.Series(True, index=table.index)
    for part in where.split(" & "):
        dimension, values = re.fullmatch(r"(\w+)(?:=| in (?=\())(.*)", part).groups()  # type: ignore[union-attr]
        if dimension in columns:
            words = values[1:-1] if part.startswith(f"{dimension} in ") else values
            keep &= table[columns[dimension]].isin([GRADES.get(w, w) for w in words.split("|")])
        else:
            assert dimension == "is_new", dimension
    assert keep.any()
    day = _DATES.get(measure)
    when = table.loc[keep, day].str[:4] if day else table.loc[keep, "year"].astype(str)
    counts = when.loc[when != ""].value_counts()
    # Neither always nought nor always the same; what stays valid grows by itself.
    if (measure in _DATES and "is_new" in where) or measure.startswith(
        ("project_", "incident_", "violation_c", "gap_")
    ):
        assert counts.nunique() > 1 or len(counts) < len(YEARS)


@pytest.mark.parametrize(
    "category", ["校长创新实践", "师训费", "教师培训", "校园文化", "奖学金", "教研专项", "义务教育发展专项"]
)
def test_the_budget_has_every_category_and_moves(county, category):
    sums = county.money.loc[county.money["category"] == category].groupby("year")[["initial", "adjusted"]].sum()
    assert len(sums) == 3
    assert sums["initial"].nunique() == 3
    assert {"30216", "301", "302", "303", "309", "310"} <= set(county.money["economic_code"])


def test_answers_are_indicators_on_their_own_clock_and_scope(told):
    assert list(told.columns) == COLUMNS
    assert not told.duplicated(KEYS).any()
    catalogue = pd.read_csv(SEEDS / "indicator_catalogue.csv", dtype=str).set_index("indicator_code")
    measures = set(pd.read_csv(SEEDS / "measures.csv", dtype=str)["measure_code"])
    indicators = told.loc[told["measure"].isin(catalogue.index)]
    assert indicators["measure"].nunique() >= 135
    assert set(told["measure"]) - set(catalogue.index) <= measures
    for row in indicators.drop_duplicates("measure").itertuples():
        assert row.stage == catalogue.at[row.measure, "stage"], row.measure
    clock = indicators["measure"].map(catalogue["clock"])
    assert indicators.loc[clock == "school_year", "period_id"].str.fullmatch("20[0-9]{2}-20[0-9]{2}").all()
    assert indicators.loc[clock != "school_year", "period_id"].str.fullmatch("20[0-9]{2}").all()


def test_most_answers_move_from_year_to_year(told):
    catalogue = set(pd.read_csv(SEEDS / "indicator_catalogue.csv", dtype=str)["indicator_code"])
    several = told.loc[told["measure"].isin(catalogue)].groupby("measure")["value"]
    flat = {m for m, values in several if len(values) > 1 and values.nunique() == 1}
    assert flat <= {"gua_layout_compliance", "gua_left_behind_care", "vet_fraud", "qua_fitness_test_freq",
                    "qua_sports_meet_freq", "equ_quota_rural_tilt", "qua_football_schools",
                    "res_district_central_primary", "tch_expert_teams",
                    "tch_leader_teaching_review",
                    "dig_vocational_fibre",
                    "res_new_primary_schools", "gua_teaching_inspection_rounds"}, flat  # fmt: skip


def test_room_answers_follow_from_the_files(county, home, told):
    rooms = read_table(home / "2024-2025" / "专用教室登记表.csv").assign(stage=lambda t: t["学段"].map(STAGE))
    sections = county.sections.loc[(county.sections["year"] == 2024) & county.sections["stage"].isin(COMPULSORY)]
    music = rooms.loc[rooms["stage"].isin(COMPULSORY) & (rooms["功能室类型"] == "音乐")]
    due = sum(ceil(c / 12) for c in sections["classes"])
    assert _value(told, "gua_music_rooms_per12", "2024-2025") == pytest.approx(len(music) / due)
    smallest = min(float(a) for a in music["使用面积(平方米)"])
    assert _value(told, "gua_music_room_area", "2024-2025") == pytest.approx(smallest)
    log = read_table(home / "2024-2025" / "功能室使用登记表.csv")
    log = log.loc[log["学段"].map(STAGE).isin(COMPULSORY)]
    share = log["使用节次"].astype(int).sum() / log["学期可排节次"].astype(int).sum() * 100
    assert _value(told, "qua_facility_utilisation", "2024-2025") == pytest.approx(share)


def test_recognition_answers_follow_from_the_register(county, home, told):
    register = read_table(home / "认定立项登记表.csv")
    in_2024 = register["认定日期"].between("2024-01-01", "2024-12-31")
    open_at_end = (register["认定日期"] <= "2024-12-31") & (
        (register["有效期至"] == "") | (register["有效期至"] >= "2024-12-31")
    )
    studios = in_2024 & (register["认定名称"] == "领军校长工作室")
    assert _value(told, "tch_principal_studios_new", "2024") == studios.sum()
    smart = open_at_end & (register["认定名称"] == "智慧校园示范学校") & (register["级别"] == "市级")
    assert _value(told, "dig_smart_campus_demo_schools", "2024") == smart.sum()
    lapsed = (register["认定名称"] == "智慧校园示范学校") & (register["有效期至"] < "2024-12-31")
    assert lapsed.any()
    schools = set(county.schools.set_index("school").loc[
        county.sections.loc[county.sections["year"] == 2024, "school"].unique(), "code"])  # fmt: skip
    safe = set(register.loc[open_at_end & (register["认定名称"] == "平安校园"), "对象代码"])
    assert _value(told, "saf_safe_campus_share", "2024") == pytest.approx(len(safe & schools) / len(schools) * 100)
    topics = register.loc[(register["认定名称"] == "教科研课题") & (register["级别"] == "县级"), "认定日期"]
    window = topics.between("2020-01-01", "2024-12-31").sum()
    assert _value(told, "tch_county_research_topics", "2024") == window > in_2024.sum() / 9


def test_event_answers_follow_from_the_logs(home, told):
    log = read_years(home, "*/活动登记表.csv")
    day = log["活动日期"].str.replace("/", "-")
    visits = log.loc[
        day.str.startswith("2024") & (log["活动类型"] == "区级领导联系学校调研"), "主持人职务"
    ].value_counts()
    assert _value(told, "gua_leader_school_visits", "2024") == visits.min()
    incidents = read_years(home, "*/校园安全事件登记表.xlsx", "事件编号")
    by_year = incidents["发生日期"].str[:4].value_counts()
    change = (by_year["2024"] - by_year["2023"]) / by_year["2023"] * 100
    assert _value(told, "saf_incident_yoy", "2024") == pytest.approx(change)
    # One school held no festival in the first year, so that the fewest is nought.
    assert _value(told, "qua_arts_festival_freq", "2022-2023") == 0
    assert _value(told, "qua_arts_festival_freq", "2024-2025") == 1


def test_city_answers_follow_from_the_notices(home, told):
    lines = read_table(home / "2024年市级通报" / "全市各县区高考上线表.csv")
    degree = lines.loc[lines["批次线"] == "本科线"].assign(n=lambda t: t["上线人数"].astype(int))
    own = degree.loc[degree["县区代码"] == "990201", "n"].iloc[0]
    assert _value(told, "exm_gaokao_undergrad_rank", "2024") == 1 + (degree["n"] > own).sum()
    composite = read_table(home / "2025年市级通报" / "中考综合素质表.xlsx", "学校标识码")
    mean = (composite["中考综合素质"] * composite["参考人数"]).sum() / composite["参考人数"].sum()
    assert _value(told, "exm_zk_composite", "2024-2025") == pytest.approx(mean)


def test_nobody_is_named_outside_the_lists_of_people(county, home, told):
    codes = set(county.staff["code"]) | set(county.pupils.persons["student_id"])
    people = ("工作室成员表", "听课评课记录表", "选送学生交流参加名单")
    for path in home.rglob("*.csv"):
        if not path.stem.startswith(people):
            table = read_csv(path)
            assert not any(set(table[c]) & codes for c in table.columns), path.name
    assert not set(told["entity_id"]) & codes


@pytest.mark.parametrize(("schools", "years"), [(4, [2024]), pytest.param(25, [2023, 2024], marks=pytest.mark.slow)])
def test_small_and_larger_counties_have_their_files_too(tmp_path, schools, years):
    county = found(1, schools=schools, years=years, seed=3, growing=False)
    institutions.write(county, tmp_path)
    told = institutions.tell(county)
    assert len(told) > 100
    assert told["region_code"].unique().tolist() == [county.region_code]
    assert pd.to_numeric(told["value"]).notna().all()


def test_the_house_takes_every_file_whole(tmp_path):
    county = found(1, schools=4, years=[2023, 2024], seed=5, growing=False)
    inbox = tmp_path / "in" / county.region_code
    write_lists(inbox, county)
    for year in county.years:
        write_reports(inbox / f"{year}-{year + 1}", county, year, Faults())
    others = {p.relative_to(tmp_path / "in").as_posix() for p in inbox.rglob("*.*")}
    institutions.write(county, inbox)
    settings = Settings.load({"SCHOOLHOUSE_HOME": str(tmp_path / "home"), "SCHOOLHOUSE_INBOX": str(tmp_path / "in")})
    files = [f for f in ingest.run(settings, [settings.inbox]).files if not f.path.endswith(tuple(others))]
    assert {f.status for f in files} == {"accepted"}, [(f.path, f.message_zh) for f in files if f.status != "accepted"]
    assert len({f.source for f in files}) == 41
    assert all(f.region_code == county.region_code for f in files)


def test_the_package_imports_nothing_of_the_house():
    house = {"ingest", "warehouse", "expectations", "publication", "cli", "dags"}
    for path in Path(synth.institutions.__file__).parent.glob("*.py"):
        source = path.read_text(encoding="utf-8")
        for node in ast.walk(ast.parse(source)):
            if isinstance(node, ast.Import | ast.ImportFrom):
                names = [a.name for a in node.names] if isinstance(node, ast.Import) else [node.module or ""]
                assert not {n.split(".")[0] for n in names} & house, path.name
        assert "read_" not in source, path.name
