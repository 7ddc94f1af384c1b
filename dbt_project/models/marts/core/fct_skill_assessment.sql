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
    src.skill_type,
    src.assessed_count,
    src.mastered_skill_count,
    src.submission_id
from {{ ref('stg_skill_assessments__group') }} as src
left join {{ ref('dim_school') }} as schools
    on src.school_code = schools.school_code and src.school_year = schools.school_year
left join {{ ref('grade') }} as grades on src.grade = grades.grade
