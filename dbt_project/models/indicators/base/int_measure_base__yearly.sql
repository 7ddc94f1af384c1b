{{ config(meta={'zone': 'restricted'}) }}
{# Figures of a year that are made of several rows: pupils of a roster, cohorts, platforms by month, projects' payments,
   rotation. #}
with pupils as (
    select
        p.region_code, p.school_year, p.school_code, p.submission_id, p.sheet_name, p.row_number,
        case when p.is_disabled = '是' then 1 else 0 end as is_disabled,
        case when p.is_migrant = '是' and p.is_migrant_eligible = '是' then 1 else 0 end as is_migrant,
        case
            when
                p.is_migrant = '是'
                and p.is_migrant_eligible = '是'
                and (a.ownership = '公办' or p.is_purchased_place = '是')
                then 1
            else 0
        end as is_placed,
        coalesce(a.only_stage, g.stage) as stage
    from {{ ref('stg_pupil_roster__pupil') }} as p
    left join {{ ref('int_school_attribute') }} as a
        on p.school_code = a.school_code and p.school_year = a.school_year
    left join {{ ref('grade') }} as g on p.grade = g.grade
),

sections as (
    select
        region_code, school_year, school_code, stage, sum(is_disabled) as disabled_count,
        sum(is_migrant) as migrant_count, sum(is_placed) as placed_count, max(submission_id) as submission_id,
        max(sheet_name) as sheet_name, min(row_number) as row_number
    from pupils
    group by region_code, school_year, school_code, stage
),

months as (
    select
        region_code, school_code, stage, substr(usage_month, 1, 4) as calendar_year,
        max(active_teacher_count) as active_teacher_count, max(active_student_count) as active_student_count,
        max(submission_id) as submission_id, max(sheet_name) as sheet_name, min(row_number) as row_number,
        max(usage_month) as last_month
    from {{ ref('stg_platform_usage__month') }}
    group by region_code, school_code, stage, substr(usage_month, 1, 4)
),

usage as (
    select m.*, max(u.space_teacher_count) as space_teacher_count
    from months as m
    inner join {{ ref('stg_platform_usage__month') }} as u
        on
            m.region_code = u.region_code
            and m.school_code = u.school_code
            and coalesce(m.stage, '') = coalesce(u.stage, '')
            and m.last_month = u.usage_month
    group by
        m.region_code, m.school_code, m.stage, m.calendar_year, m.active_teacher_count, m.active_student_count,
        m.submission_id, m.sheet_name, m.row_number, m.last_month
),

-- What was paid for a project up to the end of a year: the latest month's figure is the sum to date.
payments as (
    select
        p.region_code, p.period_id as fiscal_year, r.project_code, r.paid_yuan, r.submission_id, r.sheet_name,
        r.row_number, j.stage, j.project_category, j.project_type,
        row_number() over (
            partition by p.region_code, p.period_id, r.project_code
            order by r.progress_month desc nulls last, r.row_number desc nulls last
        ) as from_last
    from {{ ref('int_region_period') }} as p
    inner join {{ ref('stg_project_progress__month') }} as r
        on p.region_code = r.region_code and cast(p.start_year as varchar) >= substr(r.progress_month, 1, 4)
    inner join {{ ref('stg_project_ledger__project') }} as j
        on r.region_code = j.region_code and r.project_code = j.project_code
    where p.period_type = 'fiscal_year'
),

last_payments as (
    select *
    from payments
    where from_last = 1
),

taught as (
    select f.region_code, f.school_year, f.teacher_key, min(s.stage) as stage
    from {{ ref('fct_teacher_snapshot_person') }} as f
    inner join {{ ref('stage') }} as s on f.stage = s.stage
    group by f.region_code, f.school_year, f.teacher_key
),

rotations as (
    select t.*, coalesce(t.stage, r.stage) as taught_stage
    from {{ ref('stg_teacher_rotation__teacher') }} as t
    left join taught as r
        on t.region_code = r.region_code and t.school_year = r.school_year and t.teacher_key = r.teacher_key
),

-- A year of moves that nobody reported leaves the base of a cohort unknown: it has no row. Its cells are many.
cohorts as (
    select
        c.cohort_code, c.region_code, c.entity_type, c.school_code, c.stage, c.report_school_year as school_year,
        c.base_count, cast(null as varchar) as submission_id, cast(null as varchar) as sheet_name,
        cast(null as integer) as row_number
    from {{ ref('fct_cohort_retention') }} as c
    inner join {{ ref('cohort_span') }} as s on c.cohort_code = s.cohort_code and c.told_years = s.span_years
),

facts as (
    {{ measure_rows('sections', {
        'disabled_enrolled_count': ['src.disabled_count', 'is_disabled'],
        'migrant_student_count': ['src.migrant_count', 'is_migrant'],
        'migrant_public_or_purchased_count': ['src.placed_count', 'is_migrant'],
    }, 'school_year', 'src.school_year') }}
    union all
    {{ measure_rows('usage', {
        'platform_active_teacher_count': ['src.active_teacher_count', 'active_teacher_count'],
        'platform_active_student_count': ['src.active_student_count', 'active_student_count'],
        'learning_space_teacher_count': ['src.space_teacher_count', 'space_teacher_count'],
    }, 'calendar_year', 'src.calendar_year', 'school') }}
    union all
    {{ measure_rows('last_payments', {'project_paid_yuan': ['src.paid_yuan', 'paid_yuan']}, 'fiscal_year',
        'src.fiscal_year', 'county', 'null', detail='src.project_code', kind='src.project_type',
        kind2='src.project_category') }}
    union all
    {{ measure_rows('rotations', {'rotation_eligible_teacher_count': ['1', 'is_eligible']}, 'school_year',
        'src.school_year', 'school', stage='src.taught_stage', detail='src.teacher_key', kind='src.honour_level',
        where="src.is_eligible = '是'") }}
    union all
    {{ measure_rows('rotations', {'rotated_teacher_count': ['1', 'is_rotated']}, 'school_year',
        'src.school_year', 'school', stage='src.taught_stage', detail='src.teacher_key', kind='src.honour_level',
        where="src.is_rotated = '是'") }}
    union all
    {{ measure_rows('cohorts', {'cohort_base_junior': ['src.base_count', 'entrant_count']}, 'school_year',
        'src.school_year', where="src.cohort_code = 'junior' and src.entity_type = 'section'") }}
    union all
    {{ measure_rows('cohorts', {'cohort_base_nine_year': ['src.base_count', 'entrant_count']}, 'school_year',
        'src.school_year', 'county', 'null', where="src.cohort_code = 'nine_year' and src.entity_type = 'county'") }}
)

{{ located_rows('facts') }}
