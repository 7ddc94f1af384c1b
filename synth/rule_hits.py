"""Files of a county in trouble: one scenario for each monitoring rule that the usual county never breaks."""

from __future__ import annotations

from synth.rule_desk import Desk, Row, number
from synth.rule_plan import Expected, Scene

HIT, CLEAR = "hit", "clear"


def plant(desk: Desk, scene: Scene) -> list[Expected]:
    """Changes the last year's files of the county and says what each rule must come to."""
    planted = [
        *_exams(desk, scene),
        *_people(desk, scene),
        *_money(desk, scene),
        *_county(desk, scene),
        *_attested(desk, scene),
    ]
    return [Expected(scene.region, scene.school_year, rule, outcome, entity) for rule, outcome, entity in planted]


Found = tuple[str, str, str]


def _exams(desk: Desk, scene: Scene) -> list[Found]:
    year, region = scene.school_year, scene.region
    plan = f"{year}/考试监测计划表.xlsx"
    first = desk.rows(plan)[0]
    desk.add(plan, [{**first, "年级": "五年级", "学科": "科学", "计划月份": f"{scene.year}-12"}])
    # A village school whose pupils have half the marks of before: an odd total is rounded like its parts.
    village = scene.village_primary
    sitting = f"{year}/升学考试/{scene.year + 1}年小学毕业考试成绩.csv"
    rows = desk.rows(sitting)
    sums: dict[str, float] = {}
    for row in rows:
        if row["学校标识码"] == village and row["学科"] != "总分" and str(row["得分"]).replace(".", "").isdigit():
            row["得分"] = number(row["得分"]) // 2
            sums[str(row["学籍号"])] = sums.get(str(row["学籍号"]), 0) + number(row["得分"])
    for row in rows:
        if row["学校标识码"] == village and row["学科"] == "总分" and str(row["学籍号"]) in sums:
            row["得分"] = sums[str(row["学籍号"])]
    desk.put(sitting, rows)
    # The town's composite runs away from the villages'.
    composite = f"{scene.year + 1}年市级通报/中考综合素质表.xlsx"
    desk.change(
        composite,
        lambda r: r["学校标识码"] in scene.town_juniors,
        中考综合素质=lambda r: number(r["中考综合素质"]) + 90,
    )
    return [("R000-02", HIT, region), ("R002-06", HIT, village), ("R002-05", HIT, region)]


def _people(desk: Desk, scene: Scene) -> list[Found]:
    year, region = scene.school_year, scene.region
    roster = f"{year}/教师信息.csv"
    heads = [r for r in desk.rows(roster) if r["职务"] == "校长"]
    # Of another year than the number says, which only the identity zone can tell.
    old = str(heads[0]["教师编号"])
    desk.change(roster, lambda r: r["教师编号"] == old, 出生日期="1966-06-09")
    desk.change(roster, lambda r: r["年度评价等级"] in ("合格", "良好"), 年度评价等级="优秀")
    # The head of the village school teaches its sixth grade, which is behind the county's.
    head = next(r for r in heads if r["学校标识码"] == scene.village_primary)
    desk.change(
        f"{year}/教师任课安排表.csv",
        lambda r: (r["学校(机构)标识码"], r["年级"], r["学科"]) == (scene.village_primary, "六年级", "数学"),
        教师编号=head["教师编号"],
        姓名=head["姓名"],
    )
    training = f"{year}/教师培训登记表.csv"
    pattern = next(r for r in desk.rows(training) if r["培训方式"] == "线下外出" and r["岗位类别"] == "专任教师")
    trips = [
        {**pattern, "培训项目": f"外出考察{n}", "期次": f"第{n}期", "是否上级安排": "否",
         "开始日期": f"{scene.year}-1{n % 3}-0{n}", "结束日期": f"{scene.year}-1{n % 3}-0{n}", "学时": 8}
        for n in range(1, 5)
    ]  # fmt: skip
    desk.add(training, trips)
    rotation = f"{year}/教师交流轮岗登记表.xlsx"
    stayed: Row = {"是否实际交流": "否", "接收学校标识码": "", "交流起始日期": "", "交流结束日期": ""}
    desk.change_by(rotation, lambda r: r["是否实际交流"] == "是", stayed)
    last = next(r for r in desk.rows(rotation) if r["是否符合交流条件"] == "是")
    receiver = next(c for c in scene.compulsory if c != last["派出学校标识码"])
    went: Row = {
        "是否实际交流": "是", "接收学校标识码": receiver, "交流起始日期": f"{scene.year}-09-01",
        "交流结束日期": f"{scene.year + 1}-07-10", "骨干级别": "",
    }  # fmt: skip
    desk.change_by(rotation, lambda r: r["教师编号"] == last["教师编号"], went)
    desk.drop("教师荣誉登记表.csv", lambda r: str(r["有效期至"]) >= f"{scene.year}-09-01" or not r["有效期至"])
    return [
        ("R001-07", HIT, ""), ("R002-15", HIT, region), ("R001-11", HIT, ""), ("R001-12", HIT, region),
        ("R004-09", HIT, region), ("R003-03", HIT, region),
    ]  # fmt: skip


def _money(desk: Desk, scene: Scene) -> list[Found]:
    region, folder = scene.region, f"{scene.year}年财政"
    # What was spent is half of what it was.
    desk.change_by(
        f"{folder}/教育经费执行表.csv",
        lambda r: r["口径"] == "决算",
        {"执行金额(万元)": lambda r: str(round(number(r["执行金额(万元)"]) / 2, 2))},
    )
    desk.change_by(
        f"{folder}/生均公用经费核定拨付表.xlsx",
        lambda r: r["学段"] == "特殊教育",
        {"公用经费核定数(元)": lambda r: round(number(r["公用经费核定数(元)"]) * 0.6)},
    )
    ledger = "教育项目台账.xlsx"
    branch = desk.change_by(
        ledger,
        lambda r: r["项目编码"] == "QN-J1",
        {"计划投资(万元)": lambda r: number(r["计划投资(万元)"]) + 100},
    )[0]
    return [
        ("R001-14", HIT, region), ("R004-23", HIT, region), ("R004-06", HIT, scene.special),
        ("R000-03", HIT, str(branch["项目编码"])),
    ]  # fmt: skip


def _county(desk: Desk, scene: Scene) -> list[Found]:
    year, region = scene.school_year, scene.region
    desk.change_by(f"{year}/学校信息化建设情况表.xlsx", lambda r: True, {"教室/数字教室(间)": 0})
    cases = f"{year}/违规行为查处登记表.csv"
    desk.add(cases, [{
        "案件编号": "WG-TK-1", "违规类型": "违规统考排名", "学校标识码": scene.compulsory[0], "查实结论": "属实",
        "案件等级": "一般", "查实日期": f"{scene.year}-12-20", "处理文号": "教监处〔9〕9号",
    }])  # fmt: skip
    big = next(r for r in desk.rows(f"{year}/小学基表.xlsx") if r["办学类型"] in ("小学", "211", 211))
    code = str(big["学校(机构)标识码"])
    size: Row = {"在校生数/合计": 2100, "在校生数/其中:女": 1000}
    desk.change_by(f"{year}/小学基表.xlsx", lambda r: r["学校(机构)标识码"] == code, size)
    desk.change(f"{year}/初中基表.xlsx", lambda r: True, 毕业生数=lambda r: int(number(r["毕业生数"]) // 2))
    desk.change(
        f"{year}/满意度调查汇总表.xlsx",
        lambda r: r["调查名称"] == "社会认可度",
        满意数=lambda r: int(number(r["有效数"]) // 2),
    )
    return [
        ("R001-18", HIT, region), ("R002-14", HIT, region), ("R004-03", HIT, code), ("R004-13", HIT, region),
        ("R004-14", HIT, region), *_trained(desk, scene),
    ]  # fmt: skip


def _trained(desk: Desk, scene: Scene) -> list[Found]:
    """As many as the city's plan wants of each: what is no trouble stands here, where there are people enough."""
    wanted = {"领军校(园)长": 50, "教育行政管理后备干部": 100, "学科带头人": 200, "骨干教师": 300}
    people = desk.rows(f"{scene.school_year}/教师信息.csv")
    training = f"{scene.school_year}/教师培训登记表.csv"
    pattern = next(r for r in desk.rows(training) if r["岗位类别"] == "专任教师")
    lines = [
        {**pattern, "教师编号": p["教师编号"], "姓名": p["姓名"], "学校(机构)标识码": p["学校标识码"],
         "学校(机构)名称": p["学校名称"], "培训项目": f"市级{programme}培养", "期次": "第9期", "项目类别": programme,
         "主办级别": "市级", "培训级别": "市级", "培训方式": "线上", "是否上级安排": "是", "岗位类别": p["岗位类别"],
         "主要任教学科": p["主要任教学科"], "开始日期": f"{scene.year}-10-12", "结束日期": f"{scene.year}-10-13",
         "学时": 8, "考核结果": "", "是否结业": "是"}
        for programme, count in wanted.items()
        for p in people[:count]
    ]  # fmt: skip
    desk.add(training, lines)
    return [("R000-04", CLEAR, scene.region)]


def _attested(desk: Desk, scene: Scene) -> list[Found]:
    rows = [
        scene.evidence("vet_fraud", "弄虚作假行为", scene.region, "是", 91),
        scene.evidence("res_group_new_quality_school", "教育集团捆绑考核", scene.region, "否", 92),
        *(scene.evidence("tch_leader_teaching_review", "学校领导年度检视", c, "否", 93 + i)
          for i, c in enumerate(scene.compulsory)),
    ]  # fmt: skip
    path = f"{scene.school_year}/佐证材料登记表.xlsx"
    desk.drop(path, lambda r: r["指标代码"] == "vet_fraud")
    desk.add(path, rows)
    return [("R004-20", HIT, scene.region), ("R002-13", HIT, scene.region), ("R001-08", HIT, "")]
