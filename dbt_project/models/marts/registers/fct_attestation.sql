select
    src.region_code,
    src.school_year,
    src.indicator_code,
    src.indicator_name,
    src.entity_code,
    {{ is_yes('src.conclusion') }} as is_affirmed,
    src.attested_value,
    src.evidence_no,
    src.attested_on,
    src.office,
    src.submission_id
from {{ ref('stg_attestations__attestation') }} as src
