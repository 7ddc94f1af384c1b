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
    src.grade,
    src.class_count,
    src.student_count,
    src.female_student_count,
    src.entrant_count,
    src.expected_graduate_count,
    src.boarder_count,
    src.migrant_student_count,
    src.left_behind_count,
    src.submission_id
from {{ ref('stg_school_enrolment__grade') }} as src
left join {{ ref('dim_school') }} as schools
    on src.school_code = schools.school_code and src.school_year = schools.school_year
