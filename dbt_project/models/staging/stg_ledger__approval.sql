select
    src.approval_id,
    src.region_code,
    src.school_year,
    src.role,
    src.approver,
    src.decision,
    src.decided_on,
    src.mode,
    src.gate_id,
    src.registered_at
from {{ ledger('approval') }} as src
