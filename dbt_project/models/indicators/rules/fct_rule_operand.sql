{{ config(meta={'zone': 'restricted'}) }}
{# What each verdict rests on: one row a leg and figure, with the threshold and where both are from. #}
select
    o.region_code,
    o.school_year,
    o.rule_id,
    o.entity_type,
    o.entity_id,
    o.scope_stage,
    o.scope_urban_rural,
    o.scope_grade,
    o.scope_subject,
    o.scope_group,
    o.leg_no,
    o.name_zh,
    o.source,
    o.figure_code,
    o.period_type,
    o.period_id,
    o.stage,
    o.urban_rural,
    o.grade,
    o.subject,
    o.group_code,
    o.numerator,
    o.denominator,
    o.value,
    o.operator,
    o.threshold_kind,
    o.threshold_ref,
    o.threshold_value,
    o.outcome,
    o.reason as reason_code,
    e.zone
from {{ ref('int_rule_operand') }} as o
inner join {{ ref('fct_rule_evaluation') }} as e
    on
        o.region_code = e.region_code
        and o.school_year = e.school_year
        and o.rule_id = e.rule_id
        and o.entity_type = e.entity_type
        and o.entity_id = e.entity_id
        and o.scope_stage = e.stage
        and o.scope_urban_rural = e.urban_rural
        and o.scope_grade = e.grade
        and o.scope_subject = e.subject
        and o.scope_group = e.group_code
where coalesce(o.reason, '') <> 'not_asked'
