select
    src.region_code,
    src.fiscal_year,
    src.finding_no,
    src.finding_type,
    src.project_name,
    src.amount_yuan,
    src.found_on,
    src.document_no,
    src.submission_id
from {{ ref('stg_audit_findings__finding') }} as src
