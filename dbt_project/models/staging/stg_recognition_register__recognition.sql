select
    src.region_code,
    src.entity_type,
    src.entity_code,
    src.entity_name,
    src.title,
    src.level,
    src.stage,
    src.subject,
    src.grade_value,
    src.recognised_on,
    src.valid_until,
    src.document_no,
    src._submission_id as submission_id,
    src._file_sha256 as file_sha256,
    src._sheet as sheet_name,
    src._row as row_number
from {{ raw('recognition_register') }} as src
