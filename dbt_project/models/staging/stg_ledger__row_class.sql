select
    src.submission_id,
    src.sheet as sheet_name,
    src.row_class,
    cast(src.row_count as integer) as row_count
from {{ ledger('row_class') }} as src
