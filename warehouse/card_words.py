"""The words of the indicator cards for the codes of the catalogue."""

from __future__ import annotations

from collections.abc import Mapping

DOMAINS = {
    "resource": "资源配置",
    "guarantee": "政府保障",
    "teacher": "教师队伍",
    "quality": "教育质量",
    "equity": "教育机会",
    "digital": "教育信息化",
    "finance": "教育经费",
    "safety": "校园安全",
    "satisfaction": "社会认可",
    "veto": "否决事项",
}
KINDS = {
    "ratio": "比率",
    "total": "总量",
    "share_of_entities": "达标对象占比",
    "extreme": "极值",
    "change": "变化",
    "gap": "差距",
    "dispersion": "差异系数",
    "streak": "连续次数",
    "rank": "名次",
    "cycle": "周期累计",
    "composite": "综合",
    "attested": "佐证",
}
FORMS = {
    "ratio": "{fraction}。各级都用分子之和除以分母之和,不取平均",
    "total": "{fraction}",
    "cycle_sum": "周期内累计:{fraction},同一人或事项只计一次;周期内有一年未报则不计",
    "difference": "{fraction},本期减前期",
    "relative": "{fraction},本期减前期,再除以前期",
    "term_change": "{fraction},校长任期内本期是否高于任职当年",
    "gap": "{fraction},城镇学校减对照学校",
    "peer_gap": "外县的结果减本县的{top}:{condition}",
    "cv_weighted": "以学段为单位,{top}与{bottom}之比的加权标准差,除以全县之比;权数为{bottom}",
    "icc_oneway": "校际方差占总方差的比重",
    "extreme": "按{by}取{fraction}的{end}",
    "condition_share": "满足条件 {condition} 的{by}数 ÷ 全部{by}数{scale}",
    "condition_flag": "条件 {condition} 是否成立(成立为 1)",
    "condition_number": "按 {condition} 计算{scale}",
    "entity_indicator": "“{members}”达标的校段数 ÷ 纳入评估的校段数{scale}",
    "mean": "下列指标的算术平均:{members}",
    "count_met": "下列指标中达标的项数:{members}",
    "met_share": "下列指标中达标项数占有目标项数的比重:{members}",
    "all_met": "下列指标全部达标为 1:{members}",
    "count_and_floor": "达标项数够数,且未达标的一项不低于标准的规定比例为 1:{members}",
    "rank_county": "县区按{fraction}排名",
    "rank_school": "学校按{fraction}排名",
    "decline_streak": "{fraction}连续下降的次数",
    "school_bottom_streak": "学校{top}连续排在末位的次数",
    "teacher_bottom": "教师在下列各项中同时排在末位的项数:{members}",
    "teacher_bottom_streak": "教师连续排在末位的年数:{members}",
    "below_parallel_share": "低于同校平行班平均的比重:{members}",
    "attested": "以佐证材料的结论或数值为准",
}
DIRECTIONS = {"higher": "越高越好", "lower": "越低越好", "boolean": "是或否", "range": "在规定范围内"}
STAGES = {
    "all": "全部学段",
    "preschool": "学前",
    "primary": "小学",
    "junior": "初中",
    "senior": "高中",
    "vocational": "中职",
    "special": "特教",
}
CLOCKS = {
    "school_year": "学年",
    "fiscal_year": "财政年度",
    "calendar_year": "自然年",
    "project_year": "项目年度",
}
WINDOWS = {
    "1y": "与上年比",
    "2y": "连续两年",
    "3y": "三年一周期",
    "5y": "五年一周期",
    "1term": "按学期",
    "1q": "按季度",
    "1m": "按月",
    "to_date": "累计至今",
    "since_baseline": "与规划基期比",
    "consecutive_exams": "连续考试",
    "principal_term": "校长任期",
}
BRIDGES = {
    "calendar_over_snapshot": "分子取自然年,分母取当年9月1日时点",
    "snapshot_in_year": "取当年9月1日时点",
    "snapshot_over_calendar": "分子取9月1日时点,分母取当年人口",
    "fiscal_over_snapshot": "分子取财政年度,分母取上一年9月1日时点",
    "fiscal_over_average_students": "分子取财政年度,分母取年平均学生数",
    "fiscal_over_project_year": "分子取财政年度,分母取项目年度",
    "fiscal_over_school_year": "分子取财政年度,分母取学年",
    "cohort_lag_3y": "毕业生对三年前的入学生",
    "cohort_lag_9y": "毕业生对九年前的入学生",
    "entry_exam_lag": "毕业考试对入学考试",
}
LEVELS = {
    "section": "校段",
    "school": "学校",
    "township": "乡镇",
    "county": "县区",
    "city": "市州",
    "project": "项目",
    "teacher": "教师",
    "subject": "学科",
    "class": "班级",
    "room": "房间",
    "grade": "年级",
    "grade_term": "年级和学期",
    "grade_subject": "年级学科",
    "class_subject": "班级学科",
    "section_subject": "校段学科",
    "quarter": "季度",
    "month": "月份",
    "leader": "联系领导",
    "term": "学期",
    "peer_group": "考评类别",
    "payment": "拨付",
    "competition": "竞赛",
}
ZONES = {"published": "公开", "internal": "内部", "restricted": "受限"}
DISCLOSURES = {
    "institutional": "机构数据",
    "pupils": "涉及学生人数,小于10不公布",
    "sensitive": "敏感,小于10不公布",
}
JUDGES = {
    "at_least": "不低于",
    "at_most": "不高于",
    "exact": "等于",
    "all_entities": "全部达到",
    "informative": "仅供参考",
    "change_positive": "增加",
    "change_negative": "减少",
    "change_non_negative": "不减少",
}
AREAS = {"urban": "城镇", "rural": "乡村", "urban_vs_rural": "城乡之间", "all": "全部"}
ROLLUPS = {"sum": "求和", "distinct": "去重计数", "max_within_school": "校内取最大再求和", "none": "逐项取值"}
COMBINES = {"max": "同一对象只计一次", "per_12": "每12行计1"}


def listed(text: str, words: Mapping[str, str]) -> str:
    """`a;b` in words."""
    return "、".join(words.get(part, part) for part in text.split(";"))
