select
    src.gate_id,
    src.build_id,
    src.region_code,
    src.school_year,
    src.verdict,
    src.token <> '' as is_decision,
    src.ran_at
from {{ ledger('gate_run') }} as src
