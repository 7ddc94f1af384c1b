select
    src.region_code,
    src.school_code,
    src.studio_name,
    src.studio_type,
    src.level,
    src.recognised_on,
    src.revoked_on,
    src.submission_id
from {{ ref('stg_studios__studio') }} as src
