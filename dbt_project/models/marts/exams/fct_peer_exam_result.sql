select
    src.region_code,
    src.calendar_year,
    src.stage,
    src.peer_region_code,
    src.peer_region_name,
    src.exam_name,
    src.exam_type,
    src.exam_date,
    src.grade,
    src.subject,
    src.mean_score,
    src.scored_count,
    src.peer_region_code = src.region_code as is_own_region,
    coalesce(src.scored_count, 1) as weight_count,
    cast(src.mean_score * coalesce(src.scored_count, 1) as decimal(24, 4)) as score_sum,
    src.submission_id
from {{ ref('stg_peer_exam_results__result') }} as src
