select
    src.region_code,
    src.calendar_year,
    src.age,
    src.registered_count,
    src.submission_id
from {{ ref('stg_disabled_register__age') }} as src
