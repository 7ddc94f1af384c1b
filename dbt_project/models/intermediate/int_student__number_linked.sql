{{ config(materialized='table') }}

-- The pseudonym a pupil has at last, for every pseudonym that a change of number ended: chains are followed through.
with recursive changes as (
    select
        region_code,
        previous_student_key,
        max(student_key) as student_key
    from (
        select
            src.region_code,
            src.previous_student_key,
            src.student_key,
            row_number() over (
                partition by src.region_code, src.previous_student_key
                order by src.changed_on desc nulls last, src.submission_id asc, src.row_number asc
            ) as choice
        from {{ ref('stg_student_number_changes__change') }} as src
        where src.student_key <> src.previous_student_key
    ) as chosen
    where choice = 1
    group by region_code, previous_student_key
),

walk as (
    select
        region_code,
        previous_student_key as reported_student_key,
        student_key,
        1 as step
    from changes
    union all
    select
        walk.region_code,
        walk.reported_student_key,
        changes.student_key,
        walk.step + 1 as step
    from walk
    inner join changes
        on walk.region_code = changes.region_code and walk.student_key = changes.previous_student_key
    where walk.step < 20
),

-- A circle of changes has no end: the pseudonym stays as reported.
ended as (
    select
        walk.region_code,
        walk.reported_student_key,
        walk.student_key
    from walk
    left join changes
        on walk.region_code = changes.region_code and walk.student_key = changes.previous_student_key
    where changes.previous_student_key is null
)

select
    region_code,
    reported_student_key,
    student_key
from ended
