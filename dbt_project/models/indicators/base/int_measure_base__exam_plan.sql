{{ config(meta={'zone': 'restricted'}) }}
{# Exams, subjects and tests of the county by grade and term. A test is held when somebody has a score. #}
with tests as (
    select
        e.region_code,
        s.exam_id,
        s.grade,
        s.subject,
        e.exam_date,
        e.exam_type,
        e.purpose,
        s.stage,
        case when coalesce(g.n_scored, 0) > 0 then 1 else 0 end as is_held
    from {{ ref('dim_exam_subject') }} as s
    inner join {{ ref('dim_exam') }} as e on s.exam_id = e.exam_id and s.school_year = e.school_year
    left join {{ ref('fct_exam_group_stat') }} as g
        on
            s.exam_id = g.exam_id
            and s.school_year = g.school_year
            and s.grade = g.grade
            and s.subject = g.subject
            and g.group_type = 'county'
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
    count(*) as test_planned_count,
    sum(t.is_held) as test_held_count
from tests as t
inner join {{ ref('period_calendar') }} as p
    on
        p.period_type in ('school_year', 'calendar_year', 'project_year')
        and t.exam_date between cast(p.starts_on as date) and cast(p.ends_on as date)
inner join {{ ref('period_calendar') }} as q
    on q.period_type = 'term' and t.exam_date between cast(q.starts_on as date) and cast(q.ends_on as date)
group by t.region_code, p.period_type, p.period_id, t.stage, t.grade, q.period_id, t.exam_type, t.purpose
