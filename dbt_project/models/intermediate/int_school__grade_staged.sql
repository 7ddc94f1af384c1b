{{ config(materialized='table') }}

-- The section a grade of a school belongs to: the stage of the grade where the school reports it, else the only stage
-- of the school (a special school teaches all grades), else the stage of the grade.
with sections as (
    select
        school_code,
        school_year,
        stage
    from {{ ref('stg_school_report__section') }}
    group by school_code, school_year, stage
),

schools as (
    select
        school_code,
        school_year,
        case when count(*) = 1 then min(stage) end as only_stage
    from sections
    group by school_code, school_year
)

select
    schools.school_code,
    schools.school_year,
    grades.grade,
    coalesce(sections.stage, schools.only_stage, grades.stage) as stage
from schools
cross join {{ ref('grade') }} as grades
left join sections
    on
        schools.school_code = sections.school_code
        and schools.school_year = sections.school_year
        and grades.stage = sections.stage
