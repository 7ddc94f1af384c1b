select
    src.region_code,
    src.period as school_year,
    src.activity_no,
    src.activity_type,
    src.student_key,
    src.school_code,
    src.stage,
    src._submission_id as submission_id,
    src._file_sha256 as file_sha256,
    src._sheet as sheet_name,
    src._row as row_number
from {{ raw('activity_participants') }} as src
