select
    src.region_code,
    cast(src.period as integer) as calendar_year,
    src.subject,
    src.grade,
    src.level_no,
    src.difference_rate,
    src.report_no,
    src.monitored_on,
    src._submission_id as submission_id,
    src._file_sha256 as file_sha256,
    src._sheet as sheet_name,
    src._row as row_number
from {{ raw('national_monitoring') }} as src
