select
    src.region_code,
    src.period as school_year,
    src.case_no,
    src.violation_type,
    src.school_code,
    src.finding,
    src.severity,
    src.found_on,
    src.document_no,
    src._submission_id as submission_id,
    src._file_sha256 as file_sha256,
    src._sheet as sheet_name,
    src._row as row_number
from {{ raw('violation_register') }} as src
