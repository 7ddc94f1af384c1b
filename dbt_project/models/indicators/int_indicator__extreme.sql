{{ config(meta={'zone': 'restricted'}) }}
{# The largest or smallest figure over things, for the county and for each school, and over grades (with or without the
   term). Of both ends, the smallest is the value and the largest stands under 'max'. #}
with things as (
    select
        t.*, f.function_name, f.by_entity, i.aggregates_to, cast(i.scale as double) as scale
    from {{ ref('int_extreme_thing') }} as t
    inner join {{ ref('indicator_form') }} as f on t.indicator_code = f.indicator_code
    inner join {{ ref('dim_indicator') }} as i on t.indicator_code = i.indicator_code
),

levels as (
    select *, 'county' as entity_type, region_code as entity_id from things
    union all
    select *, 'school' as entity_type, school_code as entity_id
    from things
    where school_code is not null and ';' || aggregates_to || ';' like '%;school;%'
    union all
    select *, 'section' as entity_type, school_code || '/' || stage as entity_id
    from things
    where school_code is not null and only_stage = stage and ';' || aggregates_to || ';' like '%;section;%'
    union all
    select *, 'teacher' as entity_type, thing as entity_id
    from things
    where by_entity = 'teacher'
),

ends as (
    select
        indicator_code, region_code, entity_type, entity_id, period_type, period_id, stage,
        '_all' as group_code, function_name, scale, count(*) = count(figure) as is_known,
        case when function_name = 'max' then max(figure) else min(figure) end as figure
    from levels
    group by indicator_code, region_code, entity_type, entity_id, period_type, period_id, stage, function_name, scale
    union all
    select
        indicator_code, region_code, entity_type, entity_id, period_type, period_id, stage,
        'max', function_name, scale, count(*) = count(figure), max(figure)
    from levels
    where function_name = 'minmax' and entity_type = 'county'
    group by indicator_code, region_code, entity_type, entity_id, period_type, period_id, stage, function_name, scale
),

grades as (
    select
        indicator_code, region_code, period_type, period_id, stage, urban_rural, max(function_name) as function_name,
        max(status) as status,
        grade || case when by_entity = 'grade_term' or window_text = '1term' then group_code else '' end as candidate,
        sum(paired_value) as paired_value
    from {{ ref('int_indicator_paired') }}
    where form = 'extreme' and by_entity in ('grade', 'grade_term') and entity_type = 'county' and grade <> '_all'
    group by
        indicator_code, region_code, period_type, period_id, stage, urban_rural,
        grade || case when by_entity = 'grade_term' or window_text = '1term' then group_code else '' end
)

select
    indicator_code,
    region_code,
    entity_type,
    entity_id,
    period_type,
    period_id,
    stage,
    'all' as urban_rural,
    '_all' as grade,
    '_all' as subject,
    '_all' as exam_id,
    group_code,
    cast(null as double) as numerator,
    cast(null as double) as denominator,
    case when is_known then figure * scale end as value,
    case when is_known then 'ok' else 'not_reported' end as status
from ends
union all
select
    indicator_code, region_code, 'county', region_code as entity_id, period_type, period_id, stage, urban_rural,
    '_all', '_all', '_all', '_all', cast(null as double), cast(null as double),
    case
        when min(status) <> 'ok' or max(status) <> 'ok' then null
        when max(function_name) = 'max' then max(paired_value)
        else min(paired_value)
    end,
    case when min(status) = 'ok' and max(status) = 'ok' then 'ok' else 'not_reported' end
from grades
group by indicator_code, region_code, period_type, period_id, stage, urban_rural
union all
{# Each grade by itself, for targets that name grades. #}
select
    indicator_code, region_code, entity_type, entity_id, period_type, period_id, stage, urban_rural,
    grade, '_all', '_all', '_all', cast(null as double), cast(null as double),
    case
        when max(by_entity) = 'grade' and max(coalesce(window_text, '')) <> '1term' then sum(paired_value)
        when max(function_name) = 'max' then max(paired_value)
        else min(paired_value)
    end,
    max(status)
from {{ ref('int_indicator_paired') }}
where form = 'extreme' and by_entity in ('grade', 'grade_term') and entity_type = 'county' and grade <> '_all'
group by indicator_code, region_code, entity_type, entity_id, period_type, period_id, stage, urban_rural, grade
