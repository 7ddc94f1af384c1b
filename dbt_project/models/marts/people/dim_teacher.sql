-- One row a teacher: the newest roster that names them, its full-time section first.
with ranked as (
    select
        snapshots.*,
        min(snapshots.school_year) over (partition by snapshots.teacher_key) as first_school_year,
        row_number() over (
            partition by snapshots.teacher_key
            order by
                snapshots.school_year desc nulls last,
                case when snapshots.is_full_time_teacher then 0 else 1 end asc,
                snapshots.school_code asc,
                snapshots.stage asc
        ) as choice
    from {{ ref('fct_teacher_snapshot_person') }} as snapshots
)

select
    teacher_key,
    region_code,
    first_school_year,
    school_year as last_school_year,
    school_code,
    stage,
    sex,
    birth_year,
    post_type,
    post_group,
    qualification,
    title,
    main_subject,
    certificate_stage,
    certificate_subject,
    duty,
    is_established,
    school_since
from ranked
where choice = 1
