select
    src.region_code,
    src.calendar_year,
    src.stage,
    src.key_point_code,
    src.key_point_name,
    src.grade,
    src.subject,
    src.lesson_no,
    coalesce(src.lesson_no, '') <> '' as has_lesson,
    src.submission_id
from {{ ref('stg_key_points__point') }} as src
