select
    src.region_code,
    cast(src.period as integer) as fiscal_year,
    src.person_group,
    src.stage,
    src.amount_yuan,
    src.person_count,
    src._submission_id as submission_id,
    src._file_sha256 as file_sha256,
    src._sheet as sheet_name,
    src._row as row_number
from {{ raw('salary_payments') }} as src
