{{ config(meta={'zone': 'restricted'}) }}
{# Each leg of each rule at each entity it is asked of, with the figure found, or why there is none. Legs about another
   stage than the entity's, and about years the rule does not name, are not asked. #}
with asked as (
    select
        p.region_code, p.school_year, p.rule_id, p.entity_type, p.entity_id, p.stage as scope_stage,
        p.urban_rural as scope_urban_rural, p.grade as scope_grade, p.subject as scope_subject,
        p.group_code as scope_group, d.leg_no, d.name_zh, d.source, d.figure_code, d.period_type, d.period_id,
        d.combine, d.presence, d.absent, d.covered_by, d.is_declared, d.operator, d.threshold_kind, d.threshold_ref,
        d.threshold_value
    from {{ ref('int_rule_population') }} as p
    inner join {{ ref('int_rule_due') }} as d
        on
            p.region_code = d.region_code
            and p.school_year = d.school_year
            and p.rule_id = d.rule_id
            and d.is_bound
            and d.is_due
            and d.source <> 'rule'
            and (p.stage = 'all' or d.stage in ('', '*') or p.stage = d.stage)
            and (p.urban_rural = 'all' or coalesce(nullif(d.urban_rural, ''), 'all') = p.urban_rural)
),

sourced as (
    select distinct region_code, source, figure_code
    from {{ ref('int_rule_figure') }}
    where value is not null
),

covered as (
    select distinct t.ledger_source, c.region_code, c.period_type, c.period_id
    from {{ ref('int_term_covered') }} as c
    inner join {{ ref('term') }} as t on c.term_code = t.term_code
),

declared as (
    select distinct region_code, indicator_code, substr(school_year, 1, 4) as start_year
    from {{ ref('fct_attestation') }}
    where not is_affirmed
),

filled as (
    select
        a.*, m.stage, m.urban_rural, m.grade, m.subject, m.group_code, m.numerator, m.denominator,
        case when m.rule_id is null and c.ledger_source is not null then 0 else m.value end as value,
        case when m.rule_id is null and c.ledger_source is not null then 'ok' else m.status end as status,
        m.rule_id is not null or c.ledger_source is not null as is_found,
        s.figure_code is not null as is_sourced,
        n.indicator_code is not null as has_declaration
    from asked as a
    left join {{ ref('int_rule_match') }} as m
        on
            a.region_code = m.region_code
            and a.school_year = m.school_year
            and a.rule_id = m.rule_id
            and a.leg_no = m.leg_no
            and a.entity_type = m.entity_type
            and a.entity_id = m.entity_id
            and (a.scope_stage = 'all' or a.scope_stage = m.stage)
            and (a.scope_urban_rural = 'all' or a.scope_urban_rural = m.scope_urban_rural)
            and (a.scope_grade = '_all' or a.scope_grade = m.scope_grade)
            and (a.scope_subject = '_all' or a.scope_subject = m.scope_subject)
            and (a.scope_group = '_all' or a.scope_group = m.scope_group)
    left join covered as c
        on
            a.absent = 'zero'
            and a.covered_by = c.ledger_source
            and a.region_code = c.region_code
            and a.period_type = c.period_type
            and a.period_id = c.period_id
    left join sourced as s
        on a.region_code = s.region_code and a.source = s.source and a.figure_code = s.figure_code
    left join declared as n
        on
            a.is_declared = 'yes'
            and a.region_code = n.region_code
            and a.figure_code = n.indicator_code
            and substr(a.period_id, 1, 4) = n.start_year
)

select
    region_code, school_year, rule_id, entity_type, entity_id, scope_stage, scope_urban_rural, scope_grade,
    scope_subject, scope_group, leg_no, name_zh, source, figure_code, period_type, period_id, combine, presence,
    coalesce(stage, scope_stage) as stage, coalesce(urban_rural, scope_urban_rural) as urban_rural,
    coalesce(grade, scope_grade) as grade, coalesce(subject, scope_subject) as subject,
    coalesce(group_code, scope_group) as group_code,
    numerator, denominator, value, operator, threshold_kind, threshold_ref, threshold_value,
    case
        when presence = 'where_present' and not is_found then 'not_asked'
        when threshold_value is null then 'no_threshold'
        when value is null and not is_found and is_sourced then 'no_value'
        when value is null and not is_found then 'no_source'
        when value is null then coalesce(status, 'no_value')
        when is_declared = 'yes' and value = 0 and not has_declaration then 'awaiting_declaration'
    end as reason
from filled
