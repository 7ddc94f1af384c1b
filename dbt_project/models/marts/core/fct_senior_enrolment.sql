select
    src.region_code,
    src.school_year,
    src.senior_type,
    src.student_count,
    src.submission_id
from {{ ref('stg_senior_enrolment__type') }} as src
