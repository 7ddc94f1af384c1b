select
    src.region_code,
    cast(src.period as integer) as fiscal_year,
    src.unit_code,
    src.unit_name,
    src.parent_unit_code,
    src.project_name,
    src.project_category,
    src.function_code,
    src.economic_code,
    src.fund_source,
    src.stage,
    src.budget_version,
    src.amount_yuan,
    src._submission_id as submission_id,
    src._file_sha256 as file_sha256,
    src._sheet as sheet_name,
    src._row as row_number
from {{ raw('budget_lines') }} as src
