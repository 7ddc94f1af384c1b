select
    src.region_code,
    src.school_year,
    schools.school_key,
    src.school_code,
    src.stage,
    schools.urban_rural,
    schools.is_urban,
    schools.ownership,
    schools.school_type,
    src.incident_no,
    src.incident_type,
    src.severity,
    src.liability,
    src.occurred_on,
    src.death_count,
    src.injury_count,
    src.submission_id
from {{ ref('stg_safety_register__incident') }} as src
left join {{ ref('dim_school') }} as schools
    on src.school_code = schools.school_code and src.school_year = schools.school_year
