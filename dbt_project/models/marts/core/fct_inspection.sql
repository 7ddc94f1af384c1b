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
    src.term,
    src.inspection_item,
    src.scope_count,
    src.done_count,
    src.submission_id
from {{ ref('stg_inspections__inspection') }} as src
left join {{ ref('dim_school') }} as schools
    on src.school_code = schools.school_code and src.school_year = schools.school_year
