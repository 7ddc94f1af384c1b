select
    src.region_code,
    src.school_year,
    schools.school_key,
    src.school_code,
    schools.urban_rural,
    schools.is_urban,
    schools.ownership,
    schools.school_type,
    src.case_no,
    src.violation_type,
    src.finding,
    src.severity,
    src.found_on,
    src.document_no,
    src.submission_id
from {{ ref('stg_violation_register__case') }} as src
left join {{ ref('dim_school') }} as schools
    on src.school_code = schools.school_code and src.school_year = schools.school_year
