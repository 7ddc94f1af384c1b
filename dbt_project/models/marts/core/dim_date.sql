select
    days.date_day,
    cast(extract(year from days.date_day) as integer) as calendar_year,
    cast(extract(month from days.date_day) as integer) as calendar_month,
    cast(extract(day from days.date_day) as integer) as day_of_month,
    cast(extract(year from days.date_day) as integer) as fiscal_year,
    terms.school_year,
    terms.term_code
from {{ ref('int_calendar__days') }} as days
left join {{ ref('dim_term') }} as terms
    on days.date_day between terms.start_date and terms.end_date
