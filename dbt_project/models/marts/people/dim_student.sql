-- One row a pupil: the newest roll that names them.
with ranked as (
    select
        rolls.*,
        min(rolls.school_year) over (partition by rolls.student_key) as first_school_year,
        row_number() over (
            partition by rolls.student_key
            order by
                rolls.school_year desc nulls last, rolls.grade desc nulls last,
                rolls.school_code asc, rolls.reported_student_key asc
        ) as choice
    from {{ ref('fct_student_snapshot_person') }} as rolls
)

select
    student_key,
    region_code,
    first_school_year,
    school_year as last_school_year,
    school_code,
    stage,
    grade,
    sex,
    birth_year,
    origin_region_code,
    entry_month,
    is_disabled
from ranked
where choice = 1
