{{ config(materialized='view') }}

-- The roll is never copied: raw as staged, with the pupil's last pseudonym and the section of the grade beside it.
select
    coalesce(linked.student_key, src.student_key) as student_key,
    src.student_key as reported_student_key,
    src.region_code,
    src.school_year,
    schools.school_key,
    src.school_code,
    coalesce(staged.stage, grades.stage) as stage,
    schools.urban_rural,
    schools.is_urban,
    schools.ownership,
    schools.school_type,
    src.grade,
    src.class_name,
    src.sex,
    src.birth_year,
    {{ school_year_start('src.school_year') }} - src.birth_year as age_years,
    src.origin_region_code,
    src.entry_month,
    src.boarding = '住校' as is_boarder,
    {{ is_yes('src.is_migrant') }} as is_migrant,
    {{ is_yes('src.is_migrant_eligible') }} as is_migrant_eligible,
    {{ is_yes('src.is_purchased_place') }} as is_purchased_place,
    {{ is_yes('src.is_left_behind') }} as is_left_behind,
    {{ is_yes('src.is_disabled') }} as is_disabled,
    src.disability_placement,
    {{ is_yes('src.is_aided') }} as is_aided,
    src.roll_status,
    src.submission_id
from {{ ref('stg_pupil_roster__pupil') }} as src
left join {{ ref('dim_school') }} as schools
    on src.school_code = schools.school_code and src.school_year = schools.school_year
left join {{ ref('int_school__grade_staged') }} as staged
    on src.school_code = staged.school_code and src.school_year = staged.school_year and src.grade = staged.grade
left join {{ ref('grade') }} as grades on src.grade = grades.grade
left join {{ ref('int_student__number_linked') }} as linked
    on src.region_code = linked.region_code and src.student_key = linked.reported_student_key
