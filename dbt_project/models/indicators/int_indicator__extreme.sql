{{ config(meta={'zone': 'restricted'}) }}
{# The largest or smallest value over schools, or over grades (with or without the term). #}
with candidates as (
    select
        indicator_code, region_code, period_type, period_id, stage, urban_rural, function_name, status,
        entity_id as candidate, paired_value
    from {{ ref('int_indicator_paired') }}
    where form = 'extreme' and by_entity = 'school' and entity_type = 'school'
    union all
    select
        indicator_code, region_code, period_type, period_id, stage, urban_rural, max(function_name), max(status),
        grade || case when by_entity = 'grade_term' or window_text = '1term' then group_code else '' end,
        sum(paired_value)
    from {{ ref('int_indicator_paired') }}
    where form = 'extreme' and by_entity in ('grade', 'grade_term') and entity_type = 'county' and grade <> '_all'
    group by
        indicator_code, region_code, period_type, period_id, stage, urban_rural,
        grade || case when by_entity = 'grade_term' or window_text = '1term' then group_code else '' end
)

select
    indicator_code,
    region_code,
    'county' as entity_type,
    region_code as entity_id,
    period_type,
    period_id,
    stage,
    urban_rural,
    '_all' as grade,
    '_all' as subject,
    '_all' as exam_id,
    '_all' as group_code,
    cast(null as double) as numerator,
    cast(null as double) as denominator,
    case
        when min(status) <> 'ok' or max(status) <> 'ok' then null
        when max(function_name) = 'max' then max(paired_value)
        else min(paired_value)
    end as value,
    case when min(status) = 'ok' and max(status) = 'ok' then 'ok' else 'not_reported' end as status
from candidates
group by indicator_code, region_code, period_type, period_id, stage, urban_rural
union all
select
    indicator_code, region_code, entity_type, entity_id, period_type, period_id, stage, urban_rural,
    grade, subject, exam_id, group_code,
    numerator, cast(null as double), paired_value, status
from {{ ref('int_indicator_paired') }}
where form = 'extreme' and by_entity = 'school' and entity_type = 'school'
union all
{# Each grade by itself, for targets that name grades. #}
select
    indicator_code,
    region_code,
    entity_type,
    entity_id,
    period_type,
    period_id,
    stage,
    urban_rural,
    grade,
    '_all',
    '_all',
    '_all',
    cast(null as double),
    cast(null as double),
    case
        when max(by_entity) = 'grade' and max(coalesce(window_text, '')) <> '1term'
            then sum(paired_value)
        when max(function_name) = 'max' then max(paired_value)
        else min(paired_value)
    end,
    max(status)
from {{ ref('int_indicator_paired') }}
where form = 'extreme' and by_entity in ('grade', 'grade_term') and entity_type = 'county' and grade <> '_all'
group by indicator_code, region_code, entity_type, entity_id, period_type, period_id, stage, urban_rural, grade
