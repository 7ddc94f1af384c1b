select
    src.region_code,
    src.school_code,
    src.stage,
    src.item,
    src.listed_on,
    src.closed_on,
    src.status,
    schools.school_key,
    schools.urban_rural,
    schools.is_urban,
    schools.ownership,
    schools.school_type,
    {{ days_between('src.listed_on', 'src.closed_on') }} as open_day_count,
    src.submission_id
from {{ ref('stg_gap_items__item') }} as src
left join {{ ref('int_school__by_calendar_year') }} as schools
    on
        src.school_code = schools.school_code
        and cast(extract(year from src.listed_on) as integer) = schools.calendar_year
