select
    src.region_code,
    src.studio_name,
    src.studio_type,
    src.level,
    src.school_code,
    src.recognised_on,
    src.revoked_on,
    src._submission_id as submission_id,
    src._file_sha256 as file_sha256,
    src._sheet as sheet_name,
    src._row as row_number
from {{ raw('studios') }} as src
