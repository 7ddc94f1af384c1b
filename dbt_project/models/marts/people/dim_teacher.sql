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
),

-- Of the honours that hold on the statistics date of the roster, the highest level; of equals the newest.
honours as (
    select
        valid.region_code,
        valid.school_year,
        valid.teacher_key,
        valid.title,
        valid.level,
        valid.valid_until,
        row_number() over (
            partition by valid.region_code, valid.school_year, valid.teacher_key
            order by levels.sort_order asc nulls last, valid.awarded_on desc nulls last, valid.title asc
        ) as place
    from {{ ref('fct_teacher_honour_valid_person') }} as valid
    left join {{ ref('honour_level') }} as levels on valid.level = levels.level
)

select
    ranked.teacher_key,
    ranked.region_code,
    ranked.first_school_year,
    ranked.school_year as last_school_year,
    ranked.school_code,
    ranked.stage,
    ranked.sex,
    ranked.birth_year,
    ranked.post_type,
    ranked.post_group,
    ranked.qualification,
    ranked.title,
    ranked.main_subject,
    ranked.certificate_stage,
    ranked.certificate_subject,
    ranked.duty,
    ranked.is_established,
    ranked.school_since,
    honours.title as honour_title,
    honours.level as honour_level,
    honours.valid_until as honour_valid_until
from ranked
left join honours
    on
        ranked.region_code = honours.region_code
        and ranked.school_year = honours.school_year
        and ranked.teacher_key = honours.teacher_key
        and honours.place = 1
where ranked.choice = 1
