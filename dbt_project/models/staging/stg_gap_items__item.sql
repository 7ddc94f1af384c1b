select
    src.region_code,
    src.school_code,
    src.stage,
    src.item,
    src.listed_on,
    src.closed_on,
    src.status,
    src._submission_id as submission_id,
    src._file_sha256 as file_sha256,
    src._sheet as sheet_name,
    src._row as row_number
from {{ raw('gap_items') }} as src
