select
    src.gate_id,
    src.check_id,
    src.stage,
    src.severity,
    cast(src.looked_at as integer) as looked_at_count,
    cast(src.failed as integer) as failed_count
from {{ ledger('gate_check') }} as src
