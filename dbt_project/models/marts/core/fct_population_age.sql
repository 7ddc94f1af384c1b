select
    src.region_code,
    src.calendar_year,
    src.township_code,
    src.township_name,
    src.age,
    src.sex,
    src.population_count,
    src.submission_id
from {{ ref('stg_population__age') }} as src
