select
    src.region_code,
    src.school_year,
    schools.school_key,
    src.school_code,
    schools.urban_rural,
    schools.is_urban,
    schools.ownership,
    schools.school_type,
    src.teacher_key,
    src.started_on,
    src.ended_on,
    src.submission_id
from {{ ref('stg_researcher_links__link') }} as src
left join {{ ref('dim_school') }} as schools
    on src.school_code = schools.school_code and src.school_year = schools.school_year
