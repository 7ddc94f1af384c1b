{{ config(materialized='view') }}

select
    src.region_code,
    src.school_year,
    schools.school_key,
    src.school_code,
    grades.stage,
    schools.urban_rural,
    schools.is_urban,
    schools.ownership,
    schools.school_type,
    src.teacher_key,
    src.grade,
    src.class_name,
    src.subject,
    src.term,
    src.weekly_period_count,
    src.valid_from,
    src.valid_to,
    src.submission_id
from {{ ref('stg_teacher_assignments__assignment') }} as src
left join {{ ref('dim_school') }} as schools
    on src.school_code = schools.school_code and src.school_year = schools.school_year
left join {{ ref('grade') }} as grades on src.grade = grades.grade
