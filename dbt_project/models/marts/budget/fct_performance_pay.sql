select
    src.region_code,
    src.fiscal_year,
    coalesce(src.stage, '_all') as stage,
    src.approved_yuan,
    src.required_yuan,
    src.submission_id
from {{ ref('stg_performance_pay__stage') }} as src
