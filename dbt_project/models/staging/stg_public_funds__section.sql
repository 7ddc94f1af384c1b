select
    src.region_code,
    cast(src.period as integer) as fiscal_year,
    src.school_code,
    src.stage,
    src.funded_student_count,
    src.quota_yuan,
    src.allocated_yuan,
    src.budget_yuan,
    src.training_budget_yuan,
    src._submission_id as submission_id,
    src._file_sha256 as file_sha256,
    src._sheet as sheet_name,
    src._row as row_number
from {{ raw('public_funds') }} as src
