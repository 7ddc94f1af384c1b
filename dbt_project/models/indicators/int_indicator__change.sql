{{ config(meta={'zone': 'restricted'}) }}
{# Now minus the year before, or minus the baseline year of the plan. #}
with baseline as (
    select cast(value_num as integer) as start_year
    from {{ ref('plan_parameter') }}
    where parameter = 'baseline_start_year'
)

select
    n.indicator_code, n.region_code, n.entity_type, n.entity_id, n.period_type, n.period_id, n.stage, n.urban_rural,
    n.grade, n.subject, n.exam_id, n.group_code,
    n.paired_value as numerator,
    p.paired_value as denominator,
    case
        when n.form = 'relative' then (n.paired_value - p.paired_value) / nullif(abs(p.paired_value), 0) * n.scale
        else n.paired_value - p.paired_value
    end as value,
    case
        when n.status <> 'ok' then n.status
        when coalesce(p.status, 'not_reported') <> 'ok' then coalesce(p.status, 'not_reported')
        when n.form = 'relative' and p.paired_value = 0 then 'undefined'
        else 'ok'
    end as status
from {{ ref('int_indicator_paired') }} as n
cross join baseline as b
left join {{ ref('int_indicator_paired') }} as p
    on
        n.indicator_code = p.indicator_code
        and n.region_code = p.region_code
        and n.entity_type = p.entity_type
        and n.entity_id = p.entity_id
        and n.stage = p.stage
        and n.urban_rural = p.urban_rural
        and n.grade = p.grade
        and n.subject = p.subject
        and n.exam_id = p.exam_id
        and n.group_code = p.group_code
        and p.start_year = case when n.window_text = 'since_baseline' then b.start_year else n.start_year - 1 end
where n.form in ('difference', 'relative') and n.entity_type = 'county'
union all
{# Whether a school's mean standard score is higher than in the year its principal took office. #}
select
    n.indicator_code, n.region_code, n.entity_type, n.entity_id, n.period_type, n.period_id, n.stage, n.urban_rural,
    n.grade, n.subject, n.exam_id, n.group_code,
    n.paired_value as numerator,
    p.paired_value as denominator,
    case when n.paired_value > p.paired_value then 1.0 when n.paired_value <= p.paired_value then 0.0 end,
    case when n.paired_value is not null and p.paired_value is not null then 'ok' else 'not_reported' end
from {{ ref('int_indicator_paired') }} as n
inner join {{ ref('int_principal_term') }} as h
    on n.region_code = h.region_code and n.entity_id = h.school_code and n.period_id = h.school_year
left join {{ ref('int_indicator_paired') }} as p
    on
        n.indicator_code = p.indicator_code
        and n.region_code = p.region_code
        and n.entity_type = p.entity_type
        and n.entity_id = p.entity_id
        and n.stage = p.stage
        and n.urban_rural = p.urban_rural
        and n.grade = p.grade
        and n.subject = p.subject
        and n.exam_id = p.exam_id
        and n.group_code = p.group_code
        and h.first_year = p.start_year
where n.form = 'term_change' and n.entity_type = 'school' and n.exam_id = '_all' and n.start_year > h.first_year
