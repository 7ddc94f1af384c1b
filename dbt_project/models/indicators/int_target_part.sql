{{ config(meta={'zone': 'restricted'}) }}
{# Each candidate turned into what the target is about (its change on the year before, the sum since the target began,
   the share of all schools) and held against the target. #}
with dated as (
    select v.*, cast(p.start_year as integer) as start_year
    from {{ ref('int_indicator_value') }} as v
    inner join {{ ref('period_calendar') }} as p on v.period_type = p.period_type and v.period_id = p.period_id
    where v.entity_type in ('county', 'section')
),

shaped as (
    select
        c.*, t.judge, t.direction, t.is_inclusive, cast(t.target_value as double) as target_value,
        case
            when t.is_differenced then 'change'
            when t.measure_at = 'cumulative_from_start' and c.kind = 'total' then 'sum_of_years'
            when t.judge = 'all_entities' and c.kind = 'total' then 'share_of_schools'
            else 'value'
        end as operand
    from {{ ref('int_target_candidate') }} as c
    inner join {{ ref('int_target_timed') }} as t
        on c.region_code = t.region_code and c.school_year = t.school_year and c.target_id = t.target_id
),

measured as (
    select
        n.region_code, n.school_year, n.target_id, n.indicator_code, n.period_type, n.period_id, n.entity_type,
        n.entity_id, n.stage, n.urban_rural, n.grade, n.subject, n.exam_id, n.group_code, n.value, n.status,
        n.operand, n.judge, n.direction, n.is_inclusive, n.target_value, n.start_year, n.first_year,
        max(case when p.start_year = n.start_year - 1 then p.value end) as prior_value,
        {{ exact_sum("case when p.start_year >= n.first_year then p.value end") }} as summed_value,
        count(case when p.start_year >= n.first_year then p.value end) as summed_count
    from shaped as n
    inner join dated as p
        on
            n.indicator_code = p.indicator_code
            and n.region_code = p.region_code
            and n.entity_type = p.entity_type
            and n.entity_id = p.entity_id
            and n.stage = p.stage
            and n.urban_rural = p.urban_rural
            and n.grade = p.grade
            and n.subject = p.subject
            and n.group_code = p.group_code
            and (n.exam_id = p.exam_id or n.operand = 'change')
            and n.start_year >= p.start_year
    group by
        n.region_code, n.school_year, n.target_id, n.indicator_code, n.period_type, n.period_id, n.entity_type,
        n.entity_id, n.stage, n.urban_rural, n.grade, n.subject, n.exam_id, n.group_code, n.value, n.status,
        n.operand, n.judge, n.direction, n.is_inclusive, n.target_value, n.start_year, n.first_year
),

compared as (
    select
        m.*,
        case m.operand
            when 'change' then m.value - m.prior_value
            when 'sum_of_years'
                then case when m.summed_count = m.start_year - m.first_year + 1 then m.summed_value end
            when 'share_of_schools' then m.value * 100.0 / nullif(cast(n.value as double), 0)
            else m.value
        end as actual_value
    from measured as m
    left join {{ ref('fct_measure') }} as n
        on
            m.operand = 'share_of_schools'
            and n.term_code = 'school_count'
            and n.entity_type = 'county'
            and n.urban_rural = 'all'
            and m.region_code = n.region_code
            and n.period_id = case when m.period_type = 'school_year' then m.period_id else m.school_year end
            and m.stage = n.stage
)

select
    region_code, school_year, target_id, indicator_code, entity_type, entity_id, stage, urban_rural, grade, subject,
    exam_id, group_code, period_id, operand, actual_value,
    case operand when 'change' then prior_value end as prior_value,
    case when operand = 'sum_of_years' then first_year end as first_year,
    case when actual_value is null and status = 'ok' then 'not_reported' when actual_value is null then status end
        as lacking_reason,
    case
        when actual_value is null then null
        when direction = 'higher' then actual_value > target_value or (is_inclusive and actual_value = target_value)
        when direction = 'lower' then actual_value < target_value or (is_inclusive and actual_value = target_value)
        when direction = 'equal' then actual_value = target_value
    end as holds,
    case direction
        when 'lower' then target_value - actual_value
        when 'equal' then -abs(actual_value - target_value)
        else actual_value - target_value
    end as margin
from compared
