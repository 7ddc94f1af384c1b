with days as (
    select cast(extract(year from date_day) as integer) as start_year
    from {{ ref('int_calendar__days') }}
    where extract(month from date_day) = 9 and extract(day from date_day) = 1
)

select
    cast(start_year as varchar) || '-' || cast(start_year + 1 as varchar) as school_year,
    start_year,
    {{ make_date('start_year', 9, 1) }} as start_date,
    {{ make_date('start_year + 1', 8, 31) }} as end_date,
    {{ make_date('start_year', 9, 1) }} as statistics_date,
    start_year as fiscal_year
from days
