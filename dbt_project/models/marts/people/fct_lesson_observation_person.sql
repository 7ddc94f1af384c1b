select
    src.region_code,
    src.school_year,
    schools.school_key,
    src.school_code,
    schools.urban_rural,
    schools.is_urban,
    schools.ownership,
    schools.school_type,
    src.teacher_key,
    src.observer_role,
    src.observed_on,
    src.period_no,
    src.subject,
    src.grade,
    src.student_present_count,
    src.goal_reached_count,
    src.submission_id
from {{ ref('stg_lesson_observations__lesson') }} as src
left join {{ ref('dim_school') }} as schools
    on src.school_code = schools.school_code and src.school_year = schools.school_year
