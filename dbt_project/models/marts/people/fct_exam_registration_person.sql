{{ config(materialized='view') }}

-- Who is registered for an exam; the exam number itself is an alias of the vault and not here.
select
    coalesce(linked.student_key, src.student_key) as student_key,
    src.student_key as reported_student_key,
    src.region_code,
    src.school_year,
    src.exam_id,
    schools.school_key,
    src.school_code,
    coalesce(staged.stage, grades.stage) as stage,
    src.grade,
    src.class_name,
    src.submission_id
from {{ ref('stg_exam_registration__candidate') }} as src
left join {{ ref('dim_school') }} as schools
    on src.school_code = schools.school_code and src.school_year = schools.school_year
left join {{ ref('int_school__grade_staged') }} as staged
    on src.school_code = staged.school_code and src.school_year = staged.school_year and src.grade = staged.grade
left join {{ ref('grade') }} as grades on src.grade = grades.grade
left join {{ ref('int_student__number_linked') }} as linked
    on src.region_code = linked.region_code and src.student_key = linked.reported_student_key
