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
    src.usable_area_m2,
    {{ is_yes('src.is_digital') }} as is_digital,
    src.submission_id
from {{ ref('stg_special_rooms__room') }} as src
left join {{ ref('dim_school') }} as schools
    on src.school_code = schools.school_code and src.school_year = schools.school_year
