select
    src.region_code,
    src.period as school_year,
    src.senior_school_code,
    src.planned_count,
    src._submission_id as submission_id,
    src._file_sha256 as file_sha256,
    src._sheet as sheet_name,
    src._row as row_number
from {{ raw('senior_plans') }} as src
