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
    src.platform,
    src.usage_month,
    src.active_teacher_count,
    src.active_student_count,
    src.space_teacher_count,
    src.submission_id
from {{ ref('stg_platform_usage__month') }} as src
left join {{ ref('dim_school') }} as schools
    on src.school_code = schools.school_code and src.school_year = schools.school_year
