select
    src.region_code,
    src.school_year,
    src.version,
    src.verdict,
    src.data_sha256,
    src.gate_id,
    src.build_id,
    src.published_at
from {{ ledger('edition') }} as src
