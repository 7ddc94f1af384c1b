select
    src.region_code,
    src.calendar_year,
    src.competition,
    src.city_rank,
    src.held_on,
    src.submission_id
from {{ ref('stg_teacher_competitions__result') }} as src
