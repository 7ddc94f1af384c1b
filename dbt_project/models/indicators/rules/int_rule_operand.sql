{{ config(meta={'zone': 'restricted'}) }}
{# All operands: those that rest on figures, and those that ask another rule how many of its entities it hits. #}
with asked as (
    select
        p.region_code, p.school_year, p.rule_id, p.entity_type, p.entity_id, p.stage, p.urban_rural, p.grade, p.subject,
        p.group_code, d.leg_no, d.name_zh, d.figure_code, d.period_type, d.period_id, d.combine, d.presence, d.operator,
        d.threshold_kind, d.threshold_ref, d.threshold_value
    from {{ ref('int_rule_population') }} as p
    inner join {{ ref('int_rule_due') }} as d
        on
            p.region_code = d.region_code
            and p.school_year = d.school_year
            and p.rule_id = d.rule_id
            and d.is_bound
            and d.is_due
            and d.source = 'rule'
),

answers as (
    select
        region_code, school_year, rule_id,
        count(*) as entity_count,
        sum(case when outcome = 'hit' then 1 else 0 end) as hit_count,
        sum(case when outcome = 'undecided' then 1 else 0 end) as open_count,
        min(reason) as reason
    from {{ ref('int_rule_verdict_first') }}
    group by region_code, school_year, rule_id
),

rules as (
    select
        a.region_code, a.school_year, a.rule_id, a.entity_type, a.entity_id, a.stage as scope_stage,
        a.urban_rural as scope_urban_rural, a.grade as scope_grade, a.subject as scope_subject,
        a.group_code as scope_group, a.leg_no, a.name_zh, 'rule' as source, a.figure_code, a.period_type, a.period_id,
        a.combine, a.presence, a.stage, a.urban_rural, a.grade, a.subject, a.group_code,
        cast(r.hit_count as double) as numerator, cast(r.entity_count as double) as denominator,
        case when r.hit_count > 0 or r.open_count = 0 then cast(r.hit_count as double) end as value,
        a.operator, a.threshold_kind, a.threshold_ref, a.threshold_value,
        case
            when r.rule_id is null then 'not_bound'
            when r.hit_count = 0 and r.open_count > 0 then coalesce(r.reason, 'no_value')
        end as reason
    from asked as a
    left join answers as r
        on a.region_code = r.region_code and a.school_year = r.school_year and a.figure_code = r.rule_id
)

select * from {{ ref('int_rule_operand_first') }}
union all
select
    *,
    {{ leg_outcome() }} as outcome
from rules
