select
    src.region_code,
    cast(src.period as integer) as fiscal_year,
    src.finding_no,
    src.finding_type,
    src.project_name,
    src.amount_yuan,
    src.found_on,
    src.document_no,
    src._submission_id as submission_id,
    src._file_sha256 as file_sha256,
    src._sheet as sheet_name,
    src._row as row_number
from {{ raw('audit_findings') }} as src
