select
    src.region_code,
    src.period as school_year,
    src.teacher_key,
    src.school_code,
    src.is_eligible,
    src.is_rotated,
    src.to_school_code,
    src.started_on,
    src.ended_on,
    src.stage,
    src.honour_level,
    src._submission_id as submission_id,
    src._file_sha256 as file_sha256,
    src._sheet as sheet_name,
    src._row as row_number
from {{ raw('teacher_rotation') }} as src
