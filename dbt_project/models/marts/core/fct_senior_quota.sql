select
    src.region_code,
    src.school_year,
    schools.school_key,
    src.school_code,
    schools.urban_rural,
    schools.is_urban,
    schools.ownership,
    schools.school_type,
    src.senior_school_code,
    src.quota_place_count,
    src.submission_id
from {{ ref('stg_senior_quotas__quota') }} as src
left join {{ ref('dim_school') }} as schools
    on src.school_code = schools.school_code and src.school_year = schools.school_year
