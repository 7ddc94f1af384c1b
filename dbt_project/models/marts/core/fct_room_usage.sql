select
    src.region_code,
    src.school_year,
    schools.school_key,
    src.school_code,
    src.stage,
    schools.urban_rural,
    schools.is_urban,
    schools.ownership,
    schools.school_type,
    src.room_no,
    src.room_type,
    src.term,
    src.available_period_count,
    src.used_period_count,
    src.submission_id
from {{ ref('stg_room_usage__room') }} as src
left join {{ ref('dim_school') }} as schools
    on src.school_code = schools.school_code and src.school_year = schools.school_year
