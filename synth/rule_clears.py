"""Files of a county where all is well: what the usual county never reaches, down to the county's recognition."""

from __future__ import annotations

from math import ceil

from synth.rule_desk import Desk, Row, number
from synth.rule_plan import Expected, Scene

PRIMARY, JUNIOR = "小学", "初中"
# A pupil's share where all is well: net teaching area, grounds, equipment (10 000 yuan), rooms of a hundred.
_WEALTH = {PRIMARY: (5.4, 9.0, 0.26, 3.0), JUNIOR: (6.8, 12.0, 0.32, 3.2)}
_CERTIFICATE = {PRIMARY: "小学教师资格", JUNIOR: "初级中学教师资格"}
_CAPS = {PRIMARY: 45, JUNIOR: 50}
_VETOES = (
    "vet_exam_admission", "vet_illegal_choice", "vet_key_school", "vet_unfilled_posts", "vet_major_incident",
    "vet_fraud",
)  # fmt: skip
_REACHED = (
    "R000-01", "R002-07", "R002-13", "R003-04", "R004-11", "R004-12", "R004-15", "R004-16", "R004-17", "R004-18",
    "R004-19", "R004-20", "RNAT-02", "RNAT-03",
)  # fmt: skip
_BY_SCHOOL = ("R001-13", "R002-10", "R004-08")
_OF_PERSONS = ("R001-08", "R001-09", "R001-10")


def plant(desk: Desk, scene: Scene) -> list[Expected]:
    """Changes the last year's files of the county and says which rules must be clear."""
    _schools(desk, scene)
    _rooms_and_classes(desk, scene)
    _teachers(desk, scene)
    _lessons(desk, scene)
    _money(desk, scene)
    _county(desk, scene)
    return [
        *(Expected(scene.region, scene.school_year, r, "clear", scene.region) for r in _REACHED),
        *(Expected(scene.region, scene.school_year, r, "clear", scene.compulsory[0]) for r in _BY_SCHOOL),
        *(Expected(scene.region, scene.school_year, r, "clear", "") for r in _OF_PERSONS),
    ]


def _schools(desk: Desk, scene: Scene) -> None:
    for stage in (PRIMARY, JUNIOR):
        area, ground, equipment, rooms = _WEALTH[stage]

        def pupils(row: Row) -> float:
            return number(row["在校生数/合计"])

        changed: Row = {
            "教学及辅助用房(平方米)": lambda r, a=area: round(pupils(r) * a + number(r["其中:室内体育用房(平方米)"])),
            "运动场地面积(平方米)": lambda r, a=ground: round(pupils(r) * a),
            "教学仪器设备资产值(万元)": lambda r, a=equipment: round(pupils(r) * a, 2),
            "网络多媒体教室(间)": lambda r, a=rooms: ceil(pupils(r) * a / 100),
            "教职工数": lambda r: max(int(number(r["教职工数"])), ceil(pupils(r) / 13)),
            "教室(间)": lambda r, a=rooms: max(int(number(r["教室(间)"])), ceil(pupils(r) * a / 100)),
        }
        desk.change_by(f"{scene.school_year}/{stage}基表.xlsx", lambda r: True, changed)


def _rooms_and_classes(desk: Desk, scene: Scene) -> None:
    year = scene.school_year
    rows = desk.rows(f"{year}/班级班额表.csv")
    counts: dict[tuple[object, object], int] = {}
    for row in rows:
        cap = _CAPS.get(str(row["学段"]))
        if cap:
            row["班级人数"] = min(int(number(row["班级人数"])), cap)
            key = row["学校(机构)标识码"], row["学段"]
            counts[key] = counts.get(key, 0) + 1
    desk.put(f"{year}/班级班额表.csv", rows)
    path = f"{year}/专用教室登记表.csv"
    pattern = desk.rows(path)[0]
    desk.change_by(path, lambda r: r["功能室类型"] in ("音乐", "美术"), {"使用面积(平方米)": 100.0})
    more = [
        {**pattern, "学校标识码": school, "学校名称": "", "学段": stage, "房间编号": f"Z-{kind}{n}", "功能室类型": kind,
         "使用面积(平方米)": 100.0, "是否数字化": "是"}
        for (school, stage), classes in counts.items()
        for kind in ("音乐", "美术")
        for n in range(ceil(classes / 12))
    ]  # fmt: skip
    desk.add(path, more)


def _teachers(desk: Desk, scene: Scene) -> None:
    year, roster = scene.school_year, f"{scene.school_year}/教师信息.csv"
    rows = desk.rows(roster)
    art: dict[tuple[object, object], int] = {}
    lines: list[Row] = []
    for row in rows:
        stage = str(row["任教学段"])
        row["是否在编"], row["聘用起始时间"] = "是", ""
        if stage not in _CERTIFICATE or row["岗位类别"] != "专任教师":
            continue
        row["最高学历"] = "大学本科" if row["最高学历"] != "硕士研究生" else row["最高学历"]
        row["教师资格种类"] = row["教师资格种类"] if stage == PRIMARY and row["教师资格种类"] else _CERTIFICATE[stage]
        lines.append(row)
        key = row["学校标识码"], stage
        art[key] = art.get(key, 0) + 1
        # Every ninth teacher teaches music: enough for a hundred pupils, and alike in every school.
        if art[key] % 7 == 0:
            row["任教学科"], row["主要任教学科"] = "音乐", "音乐"
    desk.put(roster, rows)
    honours = "教师荣誉登记表.csv"
    title = desk.rows(honours)[0]
    desk.add(honours, [
        {**title, "教师编号": r["教师编号"], "姓名": r["姓名"], "学校(机构)标识码": r["学校标识码"],
         "学校(机构)名称": r["学校名称"], "称号": "骨干教师", "级别": "县级", "获得时间": f"{scene.year - 1}-03-03",
         "有效期至": f"{scene.year + 2}-03-02", "文号": "县教发〔9〕9号", "学段": r["任教学段"],
         "主要任教学科": r["主要任教学科"]}
        for n, r in enumerate(lines) if n % 4 == 0
    ])  # fmt: skip
    training = f"{year}/教师培训登记表.csv"
    pattern = next(r for r in desk.rows(training) if r["岗位类别"] == "专任教师")
    desk.add(training, [
        {**pattern, "教师编号": r["教师编号"], "姓名": r["姓名"], "学校(机构)标识码": r["学校标识码"],
         "学校(机构)名称": r["学校名称"], "培训项目": "五年周期补训", "期次": "第1期", "培训方式": "线上",
         "是否上级安排": "是", "开始日期": f"{scene.year}-09-10", "结束日期": f"{scene.year}-12-20", "学时": 360,
         "考核结果": "", "是否结业": "是"}
        for r in lines
    ])  # fmt: skip
    researchers = {str(r["教师编号"]): r for r in desk.rows(training) if r["岗位类别"] == "专职教研员"}
    desk.add(training, [
        {**r, "培训项目": "教研员补训", "期次": "第1期", "培训方式": "线上", "开始日期": f"{scene.year}-10-10",
         "结束日期": f"{scene.year}-10-30", "学时": 80, "考核结果": ""}
        for r in researchers.values()
    ])  # fmt: skip
    for folder in (f"{scene.year - 1}-{scene.year}", year):
        path = f"{folder}/教师培训登记表.csv"
        if desk.has(path):
            desk.change(path, lambda r: bool(r["考核结果"]), 考核结果="优秀")
    rotation = f"{year}/教师交流轮岗登记表.xlsx"
    eligible = [r for r in desk.rows(rotation) if r["是否符合交流条件"] == "是" and r["是否实际交流"] == "否"]
    chosen = {str(r["教师编号"]) for r in eligible[:: max(1, len(eligible) // (len(eligible) // 6 + 1))]}
    went: Row = {
        "是否实际交流": "是", "交流起始日期": f"{scene.year}-09-01", "交流结束日期": f"{scene.year + 1}-07-10",
        "骨干级别": "县级",
        "接收学校标识码": lambda r: next(c for c in scene.compulsory if c != r["派出学校标识码"]),
    }  # fmt: skip
    desk.change_by(rotation, lambda r: str(r["教师编号"]) in chosen, went)


def _lessons(desk: Desk, scene: Scene) -> None:
    """Principals and researchers who see two hundred lessons, two a day."""
    path = f"{scene.school_year}/听课评课记录表.csv"
    observers = {(str(r["听课人编号"]), str(r["听课人职务"])): r for r in desk.rows(path)}
    days = [f"{scene.year}-{m:02d}-{d:02d}" for m in (10, 11, 12) for d in range(1, 29)]
    days += [f"{scene.year + 1}-{m:02d}-{d:02d}" for m in (3, 4) for d in range(1, 29)]
    desk.add(path, [
        {**r, "听课日期": day, "节次": 5 + n, "学校标识码": scene.compulsory[0]}
        for r in observers.values()
        for day in days
        for n in range(2)
    ])  # fmt: skip
    inspections = f"{scene.school_year}/教学视导检查记录表.xlsx"
    for sheet in (0, 1):
        desk.change(inspections, lambda r: True, sheet, 实查数=lambda r: r["应查数"])


def _money(desk: Desk, scene: Scene) -> None:
    folder = f"{scene.year}年财政"
    desk.change_by(
        f"{folder}/生均公用经费核定拨付表.xlsx",
        lambda r: True,
        {"教师培训费(元)": lambda r: round(number(r["公用经费预算(元)"]) * 0.12)},
    )
    desk.change_by(f"{folder}/国家义务教育质量监测结果.csv", lambda r: True, {"学业水平等级": "Ⅲ", "校际差异率": 0.12})


def _county(desk: Desk, scene: Scene) -> None:
    year = scene.school_year
    # The grave accident of the spring and the pay behind that of officials were of the year before.
    for folder in (f"{scene.year - 1}-{scene.year}", year):
        path = f"{folder}/校园安全事件登记表.xlsx"
        if desk.has(path):
            desk.change(path, lambda r: True, 事件等级="一般", 死亡人数=0)
    desk.change_by(
        f"{scene.year}年财政/教师与公务员工资收入统计表.csv",
        lambda r: r["人员类别"] == "教师",
        {"工资收入总额(万元)": lambda r: round(number(r["工资收入总额(万元)"]) * 1.05, 2)},
    )
    desk.change(
        f"{scene.year}年财政/残联适龄残疾儿童少年登记表.xlsx",
        lambda r: True,
        登记适龄残疾儿童少年数=lambda r: int(number(r["登记适龄残疾儿童少年数"]) * 0.9),
    )
    desk.change(f"{year}/义务教育招生划片情况表.xlsx", lambda r: True, 就近划片入学新生数=lambda r: r["新生数"])
    desk.change(f"{year}/学校编制情况表.xlsx", lambda r: True, 空编起始日期="", 实有在编=lambda r: r["核定编制数"])
    desk.change(f"{year}/学校信息化建设情况表.xlsx", lambda r: True, 无线网络覆盖="是")
    staff: dict[tuple[object, object], int] = {}
    for row in desk.rows(f"{year}/教师信息.csv"):
        if row["岗位类别"] == "专任教师":
            key = row["学校标识码"], row["任教学段"]
            staff[key] = staff.get(key, 0) + 1
    spaces: Row = {"开通网络学习空间教师数": lambda r: staff.get((r["学校标识码"], r["学段"]), 0)}
    for folder in (f"{scene.year - 1}-{scene.year}", year):
        path = f"{folder}/教育平台使用情况表.csv"
        if desk.has(path):
            desk.change_by(path, lambda r: True, spaces)
    for survey in ("参训教师满意度", "社会认可度"):
        for folder in (f"{scene.year - 1}-{scene.year}", year):
            path = f"{folder}/满意度调查汇总表.xlsx"
            if desk.has(path):
                desk.change(path, lambda r, s=survey: r["调查名称"] == s, 满意数=lambda r: r["有效数"])
    places = f"{scene.year + 1}年市级通报/全市学校名次表.csv"
    desk.change(places, lambda r: True, 全市名次=lambda r: 1 + scene.juniors.index(str(r["学校标识码"])))
    path = f"{year}/佐证材料登记表.xlsx"
    desk.drop(path, lambda r: r["指标代码"] == "vet_fraud")
    desk.add(path, [
        *(scene.evidence(v, "否决事项承诺", scene.region, "否", 80 + i) for i, v in enumerate(_VETOES)),
        scene.evidence("res_group_new_quality_school", "教育集团捆绑考核", scene.region, "是", 92),
        *(scene.evidence("tch_leader_teaching_review", "学校领导年度检视", c, "是", 93 + i)
          for i, c in enumerate(scene.compulsory)),
    ])  # fmt: skip
