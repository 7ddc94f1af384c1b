{{ config(meta={'zone': 'restricted'}) }}
{# Numerator beside denominator, at every level and detail that both have. A total has no denominator. #}
select
    n.indicator_code,
    n.region_code,
    n.entity_type,
    n.entity_id,
    n.period_type,
    n.period_id,
    n.start_year,
    n.stage,
    n.urban_rural,
    n.grade,
    n.subject,
    n.exam_id,
    n.group_code,
    n.is_own,
    i.aggregates_to,
    f.form,
    f.function_name,
    f.by_entity,
    f.subject as form_subject,
    f.operator,
    f.threshold,
    i.window_text,
    cast(i.scale as double) as scale,
    i.denominator_term is not null as has_denominator,
    n.operand_value as numerator,
    d.operand_value as denominator,
    case
        when i.denominator_term is null
            then cast(cast(n.operand_value as decimal(28, 10)) * cast(i.scale as decimal(10, 6)) as double)
        -- Scaled before it is divided: 29 of 100 is 29 percent and not 28.999999999999996.
        -- Of fewer than none (a cohort that lost more pupils than ever entered) there is no share.
        when d.operand_value > 0 then n.operand_value * cast(i.scale as double) / d.operand_value
    end as paired_value,
    case
        when n.operand_value is null then 'not_reported'
        when i.denominator_term is null then 'ok'
        when d.operand_value is null then 'not_reported'
        when d.operand_value <= 0 then 'undefined'
        else 'ok'
    end as status
from {{ ref('int_indicator_operand') }} as n
inner join {{ ref('dim_indicator') }} as i on n.indicator_code = i.indicator_code
inner join {{ ref('indicator_form') }} as f on n.indicator_code = f.indicator_code
left join {{ ref('int_indicator_operand') }} as d
    on
        n.indicator_code = d.indicator_code
        and d.operand = 'denominator'
        and n.region_code = d.region_code
        and n.entity_type = d.entity_type
        and n.entity_id = d.entity_id
        and n.period_id = d.period_id
        and n.stage = d.stage
        and n.urban_rural = d.urban_rural
        and n.grade = d.grade
        and n.subject = d.subject
        and n.exam_id = d.exam_id
        and n.group_code = d.group_code
where n.operand = 'numerator'
