{# The plan of examinations beside those that have scores: held in its month or in another one, not held, or held by a
   level that has a plan, of a kind it does not name. #}
with held as (
    select
        g.region_code,
        g.school_year,
        g.grade,
        g.subject,
        g.exam_id,
        x.exam_type,
        x.exam_level,
        x.exam_date,
        substr(cast(x.exam_date as varchar), 1, 7) as held_month,
        g.n_scored
    from {{ ref('fct_exam_group_stat') }} as g
    inner join {{ ref('dim_exam') }} as x on g.region_code = x.region_code and g.exam_id = x.exam_id
    where g.group_type = 'county' and g.n_scored > 0
),

planned as (
    select
        p.region_code,
        p.school_year,
        p.grade,
        p.subject,
        p.plan_name,
        p.planned_month,
        p.exam_type,
        p.exam_level,
        h.exam_id,
        h.exam_date,
        h.held_month,
        h.n_scored,
        row_number() over (
            partition by p.region_code, p.school_year, p.plan_name, p.grade, p.subject, p.planned_month
            order by case when h.held_month = p.planned_month then 0 else 1 end, h.exam_date, h.exam_id
        ) as place
    from {{ ref('fct_exam_plan') }} as p
    left join held as h
        on
            p.region_code = h.region_code
            and p.school_year = h.school_year
            and p.grade = h.grade
            and p.subject = h.subject
            and p.exam_type = h.exam_type
            and p.exam_level = h.exam_level
)

select
    region_code,
    school_year,
    grade,
    subject,
    plan_name,
    planned_month,
    coalesce(exam_type, '') as exam_type,
    coalesce(exam_level, '') as exam_level,
    exam_id,
    exam_date,
    n_scored,
    case
        when exam_id is null then 'not_held'
        when held_month = planned_month then 'held'
        else 'held_other_month'
    end as status
from planned
where place = 1
union all
select
    h.region_code,
    h.school_year,
    h.grade,
    h.subject,
    '' as plan_name,
    h.held_month as planned_month,
    h.exam_type,
    h.exam_level,
    h.exam_id,
    h.exam_date,
    h.n_scored,
    'unplanned' as status
from held as h
where
    exists (
        select 1
        from {{ ref('fct_exam_plan') }} as p
        where p.region_code = h.region_code and p.school_year = h.school_year and p.exam_level = h.exam_level
    )
    and not exists (
        select 1
        from {{ ref('fct_exam_plan') }} as p
        where
            p.region_code = h.region_code
            and p.school_year = h.school_year
            and p.grade = h.grade
            and p.subject = h.subject
            and coalesce(p.exam_type, h.exam_type) = h.exam_type
            and coalesce(p.exam_level, h.exam_level) = h.exam_level
    )
