select
    src.region_code,
    src.student_key,
    src.previous_student_key,
    src.changed_on,
    src.reason,
    src._submission_id as submission_id,
    src._file_sha256 as file_sha256,
    src._sheet as sheet_name,
    src._row as row_number
from {{ raw('student_number_changes') }} as src
