select
    src.region_code,
    src.school_year,
    grades.stage,
    src.grade,
    src.subject,
    src.required_weekly_period_count,
    src.submission_id
from {{ ref('stg_curriculum_plan__subject') }} as src
left join {{ ref('grade') }} as grades on src.grade = grades.grade
