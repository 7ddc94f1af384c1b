select
    src.region_code,
    src.calendar_year,
    src.peer_region_code,
    src.peer_region_name,
    src.line,
    src.reached_count,
    src.peer_region_code = src.region_code as is_own_region,
    src.submission_id
from {{ ref('stg_peer_gaokao__line') }} as src
