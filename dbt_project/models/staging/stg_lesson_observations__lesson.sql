select
    src.region_code,
    src.period as school_year,
    src.teacher_key,
    src.observer_role,
    src.observed_on,
    src.period_no,
    src.school_code,
    src.subject,
    src.grade,
    src.student_present_count,
    src.goal_reached_count,
    src._submission_id as submission_id,
    src._file_sha256 as file_sha256,
    src._sheet as sheet_name,
    src._row as row_number
from {{ raw('lesson_observations') }} as src
