select
    src.region_code,
    src.event_no,
    src.event_type,
    src.effective_on,
    src.predecessor_code,
    src.predecessor_name,
    src.successor_code,
    src.successor_name,
    src.share,
    src.document_no,
    src._submission_id as submission_id,
    src._file_sha256 as file_sha256,
    src._sheet as sheet_name,
    src._row as row_number
from {{ raw('school_succession') }} as src
