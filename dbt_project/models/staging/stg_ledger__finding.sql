select
    src.gate_id,
    src.check_id,
    src.entity_type,
    src.entity_id,
    src.severity,
    src.observed,
    src.expected,
    src.explanation_id
from {{ ledger('finding') }} as src
