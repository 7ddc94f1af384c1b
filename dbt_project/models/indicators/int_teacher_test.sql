{{ config(meta={'zone': 'restricted'}) }}
{# A teacher's classes in a test: the pupils of every class taught on the day of the exam, with the county's rates and
   the mean of the other classes of the school in the same grade and subject. #}
with scores as (
    select
        s.region_code, s.school_year, s.exam_id, s.school_code, s.grade, s.class_name, s.subject,
        count(s.score) as n_scored,
        sum(cast(s.score as decimal(24, 6))) as score_sum,
        sum(case when s.score >= e.excellent_cut then 1 else 0 end) as n_excellent,
        sum(case when s.score >= e.pass_cut then 1 else 0 end) as n_pass,
        sum(case when s.score < e.low_cut then 1 else 0 end) as n_low
    from {{ ref('fct_exam_score_person') }} as s
    inner join {{ ref('dim_exam_subject') }} as e
        on
            s.exam_id = e.exam_id
            and s.school_year = e.school_year
            and s.grade = e.grade
            and s.subject = e.subject
    where s.score_status = 'scored' and s.class_name is not null
    group by s.region_code, s.school_year, s.exam_id, s.school_code, s.grade, s.class_name, s.subject
),

classes as (
    select
        c.*,
        sum(c.n_scored) over parallel as n_parallel,
        sum(c.score_sum) over parallel as parallel_sum
    from scores as c
    window parallel as (
        partition by c.region_code, c.school_year, c.exam_id, c.school_code, c.grade, c.subject
    )
),

taught as (
    select
        a.region_code, a.school_year, a.teacher_key, a.school_code, a.grade, a.class_name, a.subject, x.exam_id,
        x.exam_date, min(a.submission_id) as submission_id
    from {{ ref('stg_teacher_assignments__assignment') }} as a
    inner join {{ ref('dim_exam') }} as x
        on
            a.region_code = x.region_code
            and a.school_year = x.school_year
            and coalesce(a.valid_from, x.exam_date) <= x.exam_date
            and coalesce(a.valid_to, x.exam_date) >= x.exam_date
            and (
                a.valid_from is not null
                or a.valid_to is not null
                or a.term = case when extract(month from x.exam_date) between 2 and 8 then '下' else '上' end
            )
    group by
        a.region_code, a.school_year, a.teacher_key, a.school_code, a.grade, a.class_name, a.subject, x.exam_id,
        x.exam_date
)

select
    t.region_code,
    t.school_year,
    t.teacher_key,
    t.exam_id,
    t.exam_date,
    t.grade,
    t.subject,
    g.stage,
    min(t.school_code) as school_code,
    cast(count(*) as integer) as n_classes,
    cast(sum(c.n_scored) as bigint) as n_scored,
    cast(sum(c.score_sum) as decimal(24, 2)) as score_sum,
    cast(sum(c.n_excellent) as bigint) as n_excellent,
    cast(sum(c.n_pass) as bigint) as n_pass,
    cast(sum(c.n_low) as bigint) as n_low,
    cast(sum(c.score_sum) as double) / nullif(sum(c.n_scored), 0) as mean_score,
    cast(sum(c.n_excellent) as double) * 100.0 / nullif(sum(c.n_scored), 0) as excellent_rate,
    cast(sum(c.n_pass) as double) * 100.0 / nullif(sum(c.n_scored), 0) as pass_rate,
    cast(sum(c.n_low) as double) * 100.0 / nullif(sum(c.n_scored), 0) as low_rate,
    -- Parallel classes are all of the school's in the grade and subject; one alone has none to be compared with.
    sum(c.n_parallel) - sum(c.n_scored) > 0 as has_parallel,
    cast(max(c.parallel_sum) as double) / nullif(max(c.n_parallel), 0) as parallel_mean,
    min(t.submission_id) as submission_id
from taught as t
inner join classes as c
    on
        t.region_code = c.region_code
        and t.school_year = c.school_year
        and t.exam_id = c.exam_id
        and t.school_code = c.school_code
        and t.grade = c.grade
        and t.class_name = c.class_name
        and t.subject = c.subject
inner join {{ ref('grade') }} as g on t.grade = g.grade
group by
    t.region_code, t.school_year, t.teacher_key, t.exam_id, t.exam_date, t.grade, t.subject, g.stage
