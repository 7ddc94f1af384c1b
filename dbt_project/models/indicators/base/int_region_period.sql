{{ config(meta={'zone': 'restricted'}) }}
{# The periods in which a region's registers are read: its editions and the years that a cycle reaches back. #}
with spans as (
    select
        region_code,
        min({{ school_year_start('school_year') }}) as first_year,
        max({{ school_year_start('school_year') }}) as last_year
    from {{ ref('dim_edition') }}
    group by region_code
),

history as (
    select cast(value_num as integer) as years
    from {{ ref('plan_parameter') }}
    where parameter = 'cycle_history_years'
)

select
    s.region_code,
    p.period_type,
    p.period_id,
    cast(p.start_year as integer) as start_year,
    cast(p.starts_on as date) as starts_on,
    cast(p.ends_on as date) as ends_on
from spans as s
cross join history as h
inner join {{ ref('period_calendar') }} as p
    on cast(p.start_year as integer) between s.first_year - h.years and s.last_year
where p.period_type <> 'term'
