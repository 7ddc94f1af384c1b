select
    src.region_code,
    src.school_year,
    src.stage,
    src.approved_post_total,
    src.submission_id
from {{ ref('stg_county_establishment__stage') }} as src
