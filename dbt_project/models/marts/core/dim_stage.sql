select
    stage,
    stage_zh,
    stage_en,
    sort_order,
    is_compulsory,
    split_weight
from {{ ref('stage') }}
