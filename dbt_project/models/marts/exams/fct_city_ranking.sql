select
    src.region_code,
    src.calendar_year,
    schools.school_key,
    src.school_code,
    schools.urban_rural,
    schools.is_urban,
    schools.ownership,
    schools.school_type,
    src.rank_list,
    src.city_rank,
    src.submission_id
from {{ ref('stg_city_rankings__ranking') }} as src
left join {{ ref('int_school__by_calendar_year') }} as schools
    on src.school_code = schools.school_code and src.calendar_year = schools.calendar_year
