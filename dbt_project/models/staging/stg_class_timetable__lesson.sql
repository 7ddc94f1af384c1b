select
    src.region_code,
    src.period as school_year,
    src.school_code,
    src.grade,
    src.class_name,
    src.subject,
    src.lesson_type,
    src.weekly_period_count,
    src.term_lesson_count,
    src._submission_id as submission_id,
    src._file_sha256 as file_sha256,
    src._sheet as sheet_name,
    src._row as row_number
from {{ raw('class_timetable') }} as src
