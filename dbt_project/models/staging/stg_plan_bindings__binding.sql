select
    src.region_code,
    src.document_code,
    src.valid_from,
    src.valid_to,
    src._submission_id as submission_id,
    src._file_sha256 as file_sha256,
    src._sheet as sheet_name,
    src._row as row_number
from {{ raw('plan_bindings') }} as src
