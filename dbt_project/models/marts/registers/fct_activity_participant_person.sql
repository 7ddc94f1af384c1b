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
    src.activity_no,
    src.activity_type,
    coalesce(linked.student_key, src.student_key) as student_key,
    src.student_key as reported_student_key,
    src.submission_id
from {{ ref('stg_activity_participants__participant') }} as src
left join {{ ref('dim_school') }} as schools
    on src.school_code = schools.school_code and src.school_year = schools.school_year
left join {{ ref('int_student__number_linked') }} as linked
    on src.region_code = linked.region_code and src.student_key = linked.reported_student_key
