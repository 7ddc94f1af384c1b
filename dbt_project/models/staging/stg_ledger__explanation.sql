select
    src.explanation_id,
    src.reason_code,
    src.signed_on
from {{ ledger('explanation') }} as src
