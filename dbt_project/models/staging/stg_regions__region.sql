select
    src.region_code,
    src.region_name,
    src.region_level,
    src.parent_code,
    src.old_code,
    src.valid_from,
    src.valid_to,
    src._submission_id as submission_id,
    src._file_sha256 as file_sha256,
    src._sheet as sheet_name,
    src._row as row_number
from {{ raw('regions') }} as src
