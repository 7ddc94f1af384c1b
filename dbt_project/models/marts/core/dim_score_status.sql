select
    score_status,
    label_zh,
    label_en,
    is_registered,
    is_present,
    is_absent,
    is_deferred,
    is_exempt,
    has_score
from {{ ref('score_status') }}
