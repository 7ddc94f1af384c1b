select
    src.region_code,
    src.school_year,
    src.senior_school_code,
    src.planned_count,
    src.submission_id
from {{ ref('stg_senior_plans__school') }} as src
