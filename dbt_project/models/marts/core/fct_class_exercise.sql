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
    src.class_name,
    src.pe_period_count,
    src.pe_period_minutes,
    src.break_minutes,
    src.activity_minutes,
    src.school_day_count,
    cast(
        src.pe_period_count * src.pe_period_minutes
        + (src.break_minutes + src.activity_minutes) * src.school_day_count
        as decimal(18, 4)
    ) as weekly_exercise_minutes,
    src.submission_id
from {{ ref('stg_class_exercise__class') }} as src
left join {{ ref('dim_school') }} as schools
    on src.school_code = schools.school_code and src.school_year = schools.school_year
left join {{ ref('grade') }} as grades on src.grade = grades.grade
