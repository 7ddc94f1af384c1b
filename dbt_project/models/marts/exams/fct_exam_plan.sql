select
    src.region_code,
    src.school_year,
    grades.stage,
    src.plan_name,
    src.grade,
    src.subject,
    src.planned_month,
    src.exam_type,
    src.exam_level,
    src.purpose,
    src.submission_id
from {{ ref('stg_exam_plans__test') }} as src
left join {{ ref('grade') }} as grades on src.grade = grades.grade
