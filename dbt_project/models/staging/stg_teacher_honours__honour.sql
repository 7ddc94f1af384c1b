select
    src.region_code,
    src.teacher_key,
    src.school_code,
    src.title,
    src.level,
    src.awarded_on,
    src.valid_until,
    src.document_no,
    src.stage,
    src.main_subject,
    src._submission_id as submission_id,
    src._file_sha256 as file_sha256,
    src._sheet as sheet_name,
    src._row as row_number
from {{ raw('teacher_honours') }} as src
