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
    src.teacher_key,
    {{ is_yes('src.is_eligible') }} as is_eligible,
    {{ is_yes('src.is_rotated') }} as is_rotated,
    src.to_school_code,
    src.started_on,
    src.ended_on,
    src.honour_level,
    src.submission_id
from {{ ref('stg_teacher_rotation__teacher') }} as src
left join {{ ref('dim_school') }} as schools
    on src.school_code = schools.school_code and src.school_year = schools.school_year
