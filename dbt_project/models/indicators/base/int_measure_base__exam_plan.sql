{{ config(meta={'zone': 'restricted'}) }}
{# Exams, subjects and tests of the county by grade and term. A test is held when somebody has a score; what was planned
   is what the approved plan says, and where there is none what the exams' parameters say. #}
with plans as (
    select distinct region_code, school_year from {{ ref('stg_exam_plans__test') }}
),

tests as (
    select
        e.region_code,
        s.exam_id,
        s.grade,
        s.subject,
        e.exam_date,
        e.exam_type,
        e.purpose,
        s.stage,
        case when coalesce(g.n_scored, 0) > 0 then 1 else 0 end as is_held,
        case when l.region_code is null then 1 else 0 end as is_planned
    from {{ ref('dim_exam_subject') }} as s
    inner join {{ ref('dim_exam') }} as e on s.exam_id = e.exam_id and s.school_year = e.school_year
    left join {{ ref('fct_exam_group_stat') }} as g
        on
            s.exam_id = g.exam_id
            and s.school_year = g.school_year
            and s.grade = g.grade
            and s.subject = g.subject
            and g.group_type = 'county'
    left join plans as l on e.region_code = l.region_code and e.school_year = l.school_year
    union all
    select
        p.region_code,
        null as exam_id,
        p.grade,
        null as subject,
        {{ make_date(
            'cast(substr(p.planned_month, 1, 4) as integer)', 'cast(substr(p.planned_month, 6, 2) as integer)', 15
        ) }} as exam_date,
        p.exam_type,
        p.purpose,
        g.stage,
        0 as is_held,
        1 as is_planned
    from {{ ref('stg_exam_plans__test') }} as p
    inner join {{ ref('grade') }} as g on p.grade = g.grade
)

select
    t.region_code,
    'county' as entity_type,
    cast(null as varchar) as school_code,
    t.region_code as entity_id,
    p.period_type,
    p.period_id,
    coalesce(t.stage, '_all') as stage,
    '_none' as urban_rural,
    cast(t.grade as varchar) as grade,
    '_all' as subject,
    '_all' as exam_id,
    q.period_id as group_code,
    cast(null as varchar) as submission_id,
    t.exam_type,
    t.purpose,
    count(distinct t.exam_id) as exam_event_count,
    count(distinct t.subject) as exam_subject_count,
    cast(sum(t.is_planned) as bigint) as test_planned_count,
    cast(sum(t.is_held) as bigint) as test_held_count
from tests as t
inner join {{ ref('period_calendar') }} as p
    on
        p.period_type in ('school_year', 'calendar_year', 'project_year')
        and t.exam_date between cast(p.starts_on as date) and cast(p.ends_on as date)
inner join {{ ref('period_calendar') }} as q
    on q.period_type = 'term' and t.exam_date between cast(q.starts_on as date) and cast(q.ends_on as date)
group by t.region_code, p.period_type, p.period_id, t.stage, t.grade, q.period_id, t.exam_type, t.purpose
