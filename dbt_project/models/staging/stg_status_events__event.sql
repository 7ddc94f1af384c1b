select
    src.region_code,
    src.period as school_year,
    src.student_key,
    src.school_code,
    src.grade,
    src.event_type,
    src.event_date,
    src.return_date,
    src.counterpart_code,
    src._submission_id as submission_id,
    src._file_sha256 as file_sha256,
    src._sheet as sheet_name,
    src._row as row_number
from {{ raw('status_events') }} as src
