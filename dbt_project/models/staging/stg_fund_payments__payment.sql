select
    src.region_code,
    cast(src.period as integer) as fiscal_year,
    src.payment_no,
    src.project_name,
    src.fund_source,
    src.allocated_on,
    src.paid_on,
    src.amount_yuan,
    src._submission_id as submission_id,
    src._file_sha256 as file_sha256,
    src._sheet as sheet_name,
    src._row as row_number
from {{ raw('fund_payments') }} as src
