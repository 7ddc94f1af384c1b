select
    d.document_code,
    d.document_name,
    d.issuer,
    d.region_code,
    cast(d.issued_date as date) as issued_date,
    cast(d.valid_from as date) as valid_from,
    cast(d.valid_to as date) as valid_to,
    d.file_name,
    d.document_code = 'national' as is_national
from {{ ref('policy_document') }} as d
