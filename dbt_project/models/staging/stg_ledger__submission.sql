select
    src.submission_id,
    src.region_code,
    src.source,
    src.unit_code,
    src.period,
    src.scope,
    cast(src.version as integer) as version,
    src.file_sha256,
    src.file_name,
    src.status,
    src.batch_id,
    src.received_at,
    src.reason_en,
    src.reason_zh,
    src.column_map,
    cast(src.rows_accepted as integer) as rows_accepted,
    cast(src.rows_rejected as integer) as rows_rejected
from {{ ledger('submission') }} as src
