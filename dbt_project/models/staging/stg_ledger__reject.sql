select
    src.submission_id,
    src.sheet as sheet_name,
    cast(src.row as integer) as row_number,
    src.column as column_name,
    src.rule,
    src.message_zh,
    src.message_en
from {{ ledger('reject') }} as src
