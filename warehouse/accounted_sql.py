"""What the warehouse says of each thing of the documents: one query a kind.

Columns: region_code, school_year, id, name, status, reason, has_answer. What a document asks binds the regions that
the document binds; the others have that as their reason.
"""

from __future__ import annotations

# Reasons of things that no row of the warehouse is about.
REASONS = {
    "not_bound": "所在文件不约束本地区或本年度",
    "not_due": "未到期",
    "period_over": "时间已过",
    "informative": "仅供参考,不作评判",
    "no_source": "所需数据来源从未报送",
    "no_value": "该对象本期没有数值",
    "no_threshold": "没有可比对的标准",
    "awaiting_declaration": "零报告尚待签字确认",
    "match_rate_low": "两次考试匹配率过低",
    "single_exam": "只有一次考试,无从比较",
    "not_evaluated": "所需数字不全,未核对",
}

_BOUND = """
    from dim_edition as e
    cross join things as t
    left join int_edition_document as d
        on e.region_code = d.region_code and e.school_year = d.school_year and t.document_code = d.document_code
"""

# The figure that answers is the county's own, over the indicator's own stages; an indicator about something smaller is
# answered by the first value it has.
_INDICATOR = """
    with listed as (
        select i.indicator_code, i.name_zh, i.stage, i.aggregates_to
        from dim_indicator as i where i.is_local = {is_local}
    ),
    known as (
        select indicator_code, region_code, entity_type, period_id, stage, urban_rural, grade, subject, exam_id,
            group_code, status, value is not null as has_value
        from fct_indicator_value
        union all
        select indicator_code, region_code, entity_type, period_id, stage, urban_rural, grade, subject, exam_id,
            group_code, status, value is not null
        from fct_indicator_value_person
    ),
    ranked as (
        select p.region_code, p.school_year, i.indicator_code, i.name_zh, k.status, k.has_value,
            row_number() over (
                partition by p.region_code, p.school_year, i.indicator_code
                order by
                    case when k.entity_type = 'county' then 0 else 1 end,
                    case when k.stage = i.stage then 0 else 1 end,
                    case when k.urban_rural in ('all', '_all') then 0 else 1 end,
                    case when k.grade = '_all' and k.subject = '_all' and k.exam_id = '_all' and k.group_code = '_all'
                        then 0 else 1 end,
                    case when k.has_value then 0 else 1 end, k.stage, k.status
            ) as place
        from dim_edition as e
        cross join listed as i
        left join int_edition_indicator as p
            on e.region_code = p.region_code and e.school_year = p.school_year and i.indicator_code = p.indicator_code
        left join known as k
            on p.region_code = k.region_code and p.indicator_code = k.indicator_code and p.period_id = k.period_id
    )
    select region_code, school_year, indicator_code, name_zh,
        case when has_value then 'ok' else nullif(status, 'ok') end,
        case when not has_value then nullif(status, 'ok') end,
        coalesce(has_value, false)
    from ranked where place = 1 order by all
"""

KINDS = {
    "indicator": _INDICATOR.format(is_local="false"),
    "local_indicator": _INDICATOR.format(is_local="true"),
    "target": f"""
        with things as (
            select t.target_id, t.document_code, i.name_zh
            from dim_target as t left join dim_indicator as i on t.indicator_code = i.indicator_code
        )
        select e.region_code, e.school_year, t.target_id, t.name_zh,
            case when d.document_code is null then 'not_bound' else f.status end,
            case when d.document_code is null then 'not_bound'
                when f.status not in ('met', 'missed', 'at_risk') then coalesce(f.reason, f.status) end,
            coalesce(d.document_code is not null and f.status in ('met', 'missed', 'at_risk'), false)
        {_BOUND}
        left join fct_target_tracking as f
            on e.region_code = f.region_code and e.school_year = f.school_year and t.target_id = f.target_id
        order by all
    """,
    # A rule is asked of many: it hits where one is hit, is clear where all that could be judged are, and is undecided
    # where nobody could.
    "rule": """
        with things as (select rule_id, name_zh from dim_rule),
        judged as (
            select region_code, school_year, rule_id,
                case when sum(case when outcome = 'hit' then 1 else 0 end) > 0 then 'hit'
                    when sum(case when outcome = 'clear' then 1 else 0 end) > 0 then 'clear'
                    else 'undecided' end as outcome,
                min(reason_code) as reason
            from fct_rule_evaluation
            group by region_code, school_year, rule_id
        )
        select e.region_code, e.school_year, t.rule_id, t.name_zh,
            case when f.outcome = 'undecided' and f.reason = 'not_bound' then f.reason else f.outcome end,
            case when f.outcome = 'undecided' then f.reason end,
            coalesce(f.outcome in ('hit', 'clear'), false)
        from dim_edition as e
        cross join things as t
        left join judged as f
            on e.region_code = f.region_code and e.school_year = f.school_year and t.rule_id = f.rule_id
        order by all
    """,
    # A step that comes again every month or year has a row a time; the worst of them speaks.
    "milestone": f"""
        with things as (
            select milestone_id, document_code, task, planned_start, planned_end from dim_milestone
        ),
        reported as (
            select region_code, school_year, schedule_id,
                max(case status when 'overdue' then 4 when 'done_late' then 3 when 'not_due' then 2 when 'done' then 1
                    end) as worst
            from fct_milestone_status
            group by region_code, school_year, schedule_id
        )
        select e.region_code, e.school_year, t.milestone_id, t.task,
            case when d.document_code is null then 'not_bound'
                when f.worst is not null
                    then case f.worst when 4 then 'overdue' when 3 then 'done_late' when 2 then 'not_due'
                        else 'done' end
                when t.planned_start > e.as_of_date then 'not_due'
                when t.planned_end < e.statistics_date then 'period_over'
                else 'not_reported' end,
            case when d.document_code is null then 'not_bound'
                when f.worst is not null then null
                when t.planned_start > e.as_of_date then 'not_due'
                when t.planned_end < e.statistics_date then 'period_over'
                else 'not_reported' end,
            d.document_code is not null and f.worst is not null
        {_BOUND}
        left join reported as f
            on e.region_code = f.region_code and e.school_year = f.school_year and t.milestone_id = f.schedule_id
        order by all
    """,
    # Money of the documents is a line that counts, a mention of such a line, or a price.
    "budget_fact": f"""
        with things as (select fact_id, document_code, line_name from budget_facts),
        held as (
            select budget_line_id as fact_id, case when is_leaf then 'line' else 'subtotal' end as place
            from fct_budget_line where budget_version = 'plan'
            union all
            select mention_id, 'mention' from bridge_budget_mention
            union all
            select quota_id, 'unit_price' from fct_quota
        )
        select e.region_code, e.school_year, t.fact_id, t.line_name,
            case when d.document_code is null then 'not_bound' else h.place end,
            case when d.document_code is null then 'not_bound' end,
            d.document_code is not null and h.place is not null
        {_BOUND}
        left join held as h on t.fact_id = h.fact_id
        order by all
    """,
    "arithmetic_check": f"""
        with things as (select check_id, document_code, description from arithmetic_check)
        select e.region_code, e.school_year, t.check_id, t.description,
            case when d.document_code is null then 'not_bound' else f.outcome end,
            case when d.document_code is null then 'not_bound' when f.outcome = 'not_evaluated' then f.outcome end,
            coalesce(d.document_code is not null and f.outcome <> 'not_evaluated', false)
        {_BOUND}
        left join fct_arithmetic_check as f on t.check_id = f.check_id
        order by all
    """,
}
