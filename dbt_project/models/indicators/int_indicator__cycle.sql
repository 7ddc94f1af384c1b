{{ config(meta={'zone': 'restricted'}) }}
{# Sum over the years of a cycle that ends with the period. A year that did not come leaves it unknown. #}
select
    n.indicator_code, n.region_code, n.entity_type, n.entity_id, n.period_type, n.period_id, n.stage, n.urban_rural,
    n.grade, n.subject, n.exam_id, n.group_code,
    sum(p.numerator) as numerator,
    cast(null as double) as denominator,
    case
        when count(p.numerator) = cast(replace(max(n.window_text), 'y', '') as integer) then sum(p.paired_value)
    end as value,
    case
        when count(p.numerator) = cast(replace(max(n.window_text), 'y', '') as integer) then 'ok' else 'not_reported'
    end as status
from {{ ref('int_indicator_paired') }} as n
inner join {{ ref('int_indicator_paired') }} as p
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
        and p.start_year > n.start_year - cast(replace(n.window_text, 'y', '') as integer)
        and n.start_year >= p.start_year
where n.form = 'cycle_sum' and n.entity_type = 'county'
group by
    n.indicator_code, n.region_code, n.entity_type, n.entity_id, n.period_type, n.period_id, n.stage, n.urban_rural,
    n.grade, n.subject, n.exam_id, n.group_code
