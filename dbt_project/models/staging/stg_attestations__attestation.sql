select
    src.region_code,
    src.period as school_year,
    src.indicator_code,
    src.indicator_name,
    src.entity_code,
    src.conclusion,
    src.attested_value,
    src.evidence_no,
    src.attested_on,
    src.office,
    src._submission_id as submission_id,
    src._file_sha256 as file_sha256,
    src._sheet as sheet_name,
    src._row as row_number
from {{ raw('attestations') }} as src
