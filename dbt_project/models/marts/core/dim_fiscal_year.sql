with years as (
    select cast(extract(year from date_day) as integer) as fiscal_year
    from {{ ref('int_calendar__days') }}
    group by cast(extract(year from date_day) as integer)
)

select
    fiscal_year,
    {{ make_date('fiscal_year', 1, 1) }} as start_date,
    {{ make_date('fiscal_year', 12, 31) }} as end_date
from years
