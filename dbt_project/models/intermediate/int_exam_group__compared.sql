{{ config(materialized='incremental', incremental_strategy='append', on_schema_change='fail') }}

-- Each group's standing beside its own at the exam before it in the same school year: the same grade is the same
-- cohort. Papers that too few schools sat have no distribution to stand in: they are a chain of their own. School years
-- without a change since the last build are there already (warehouse/reuse.py).
with limits as (
    select
        school_year,
        max(case when parameter_code = 'early_warning_min_schools' then value end) as min_schools,
        max(case when parameter_code = 'early_warning_fall_step' then value end) as fall_step
    from {{ ref('int_parameter__by_school_year') }}
    group by school_year
),

dated as (
    select
        placed.*,
        exams.exam_date,
        exams.term_code,
        limits.fall_step,
        placed.n_schools >= limits.min_schools as is_comparable
    from {{ ref('int_exam_group__placed') }} as placed
    inner join {{ ref('dim_exam') }} as exams
        on placed.exam_id = exams.exam_id and placed.school_year = exams.school_year
    inner join limits on placed.school_year = limits.school_year
    {{ where_changed_exam_year('placed') }}
),

chained as (
    select
        dated.*,
        dense_rank() over (
            partition by region_code, school_year, grade, subject, group_type, is_comparable
            order by exam_date, exam_id
        ) as exam_no,
        lag(exam_id) over own as previous_exam_id,
        lag(exam_date) over own as previous_exam_date,
        lag(term_code) over own as previous_term_code,
        lag(pupil_count) over own as previous_pupil_count,
        lag(value) over own as previous_value,
        lag(region_value) over own as previous_region_value,
        lag(standing) over own as previous_standing
    from dated
    window own as (
        partition by
            region_code, school_year, grade, subject, group_type, school_code, class_name, measure, is_comparable
        order by exam_date, exam_id
    )
),

stepped as (
    select
        chained.*,
        worse_sign * (standing - previous_standing) as worsening,
        case
            when
                worse_sign * (cast(standing as decimal(24, 9)) - cast(previous_standing as decimal(24, 9)))
                >= fall_step
                then 1
            else 0
        end as is_fall
    from chained
),

runs as (
    select
        stepped.*,
        sum(1 - is_fall) over (
            partition by
                region_code, school_year, grade, subject, group_type, school_code, class_name, measure, is_comparable
            order by exam_date, exam_id
            rows between unbounded preceding and current row
        ) as run_no
    from stepped
)

select
    region_code,
    school_year,
    exam_id,
    exam_date,
    term_code,
    previous_exam_id,
    previous_exam_date,
    previous_term_code,
    grade,
    subject,
    group_type,
    school_code,
    class_name,
    measure,
    is_comparable,
    pupil_count,
    previous_pupil_count,
    value,
    region_value,
    standing,
    previous_value,
    previous_region_value,
    previous_standing,
    worsening,
    cast(
        sum(is_fall) over (
            partition by
                region_code, school_year, grade, subject, group_type, school_code, class_name, measure, is_comparable,
                run_no
            order by exam_date, exam_id
            rows between unbounded preceding and current row
        ) as integer
    ) as fall_streak
from runs
where exam_no > 1 or not is_comparable
