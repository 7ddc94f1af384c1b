select
    src.region_code,
    cast(src.period as integer) as fiscal_year,
    src.project_code,
    src.project_name,
    src.progress_month,
    src.physical_rate,
    src.completed_yuan,
    src.paid_yuan,
    src._submission_id as submission_id,
    src._file_sha256 as file_sha256,
    src._sheet as sheet_name,
    src._row as row_number
from {{ raw('project_progress') }} as src
