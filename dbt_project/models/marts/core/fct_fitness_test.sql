select
    src.region_code,
    src.school_year,
    schools.school_key,
    src.school_code,
    grades.stage,
    schools.urban_rural,
    schools.is_urban,
    schools.ownership,
    schools.school_type,
    src.grade,
    src.sex,
    src.round_no,
    src.tested_on,
    src.tested_count,
    src.pass_count,
    src.good_count,
    src.excellent_count,
    src.submission_id
from {{ ref('stg_fitness_tests__group') }} as src
left join {{ ref('dim_school') }} as schools
    on src.school_code = schools.school_code and src.school_year = schools.school_year
left join {{ ref('grade') }} as grades on src.grade = grades.grade
