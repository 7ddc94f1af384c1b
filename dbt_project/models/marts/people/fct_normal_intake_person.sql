select
    src.region_code,
    src.calendar_year,
    src.person_key,
    src.level,
    src.main_subject,
    src.university,
    src.submission_id
from {{ ref('stg_normal_intake__person') }} as src
