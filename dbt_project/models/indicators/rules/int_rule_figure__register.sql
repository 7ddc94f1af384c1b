{{ config(meta={'zone': 'restricted'}) }}
{# Proven cases by school and for the region, and how far the inspection of each term went. #}
with cases as (
    select region_code, violation_type, school_code, 'school_year' as period_type, school_year as period_id
    from {{ ref('fct_violation') }}
    where finding = '属实'
    union all
    select
        region_code, violation_type, school_code, 'calendar_year',
        cast(cast(extract(year from found_on) as integer) as varchar)
    from {{ ref('fct_violation') }}
    where finding = '属实'
),

figures as (
    select
        'proven_cases' as figure_code, region_code, 'school' as entity_type, school_code as entity_id, period_type,
        period_id, '_all' as subject, violation_type as group_code, cast(null as double) as numerator,
        cast(null as double) as denominator, cast(count(*) as double) as value
    from cases
    where school_code is not null
    group by region_code, school_code, period_type, period_id, violation_type
    union all
    select
        'proven_cases', region_code, 'county', region_code as entity_id, period_type, period_id, '_all',
        violation_type, cast(null as double), cast(null as double), cast(count(*) as double)
    from cases
    group by region_code, period_type, period_id, violation_type
    union all
    select
        'inspection_coverage', region_code, 'school', school_code, 'school_year', school_year, inspection_item,
        school_year || '-' || term, cast(sum(done_count) as double), cast(sum(scope_count) as double),
        cast(sum(done_count) as double) * 100.0 / nullif(sum(scope_count), 0)
    from {{ ref('fct_inspection') }}
    group by region_code, school_code, school_year, inspection_item, term
)

select
    figure_code, region_code, entity_type, entity_id, period_type, period_id, 'all' as stage, 'all' as urban_rural,
    '_all' as grade, subject, group_code, numerator, denominator, value,
    case when value is null then 'undefined' else 'ok' end as status
from figures
