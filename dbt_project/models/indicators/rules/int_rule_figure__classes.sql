{{ config(meta={'zone': 'restricted'}) }}
{# Whether the classes of a grade differ by more than chance: the F of pupils' totals in the last exam of the year over
   its critical value. Pupils who missed a subject are left out. #}
with latest as (
    select region_code, school_year, grade, max(exam_date) as exam_date
    from {{ ref('int_teacher_test') }}
    group by region_code, school_year, grade
),

totals as (
    select
        s.region_code, s.school_year, s.school_code, s.grade, s.class_name, s.student_key,
        sum(cast(s.score as decimal(24, 6))) as total, count(s.score) as subject_count
    from {{ ref('fct_exam_score_person') }} as s
    inner join {{ ref('dim_exam') }} as e on s.exam_id = e.exam_id and s.school_year = e.school_year
    inner join latest as l
        on
            s.region_code = l.region_code
            and s.school_year = l.school_year
            and s.grade = l.grade
            and e.exam_date = l.exam_date
    where s.score_status = 'scored' and s.class_name is not null
    group by s.region_code, s.school_year, s.school_code, s.grade, s.class_name, s.student_key
),

whole as (
    select
        t.*,
        max(t.subject_count) over (
            partition by t.region_code, t.school_year, t.school_code, t.grade
        ) as most_subjects
    from totals as t
),

classes as (
    select
        region_code, school_year, school_code, grade, class_name, count(*) as n, sum(total) as total_sum,
        sum(total * total) as total_sumsq
    from whole
    where subject_count = most_subjects
    group by region_code, school_year, school_code, grade, class_name
),

grades as (
    select
        region_code, school_year, school_code, grade, count(*) as class_count, cast(sum(n) as bigint) as pupil_count,
        {{ exact_sum('cast(total_sum as double) * cast(total_sum as double) / n') }} as between_sum,
        cast(sum(total_sum) as double) * cast(sum(total_sum) as double) / sum(n) as mean_sum,
        cast(sum(total_sumsq) as double) as square_sum
    from classes
    group by region_code, school_year, school_code, grade
),

tested as (
    select
        g.*,
        (g.between_sum - g.mean_sum) / (g.class_count - 1)
        / nullif((g.square_sum - g.between_sum) / (g.pupil_count - g.class_count), 0) as f_value
    from grades as g
    where g.class_count > 1 and g.pupil_count > g.class_count
),

limits as (
    select
        t.region_code, t.school_year, t.school_code, t.grade,
        min(cast(c.critical_value as double)) as critical_value
    from tested as t
    inner join {{ ref('rule_f_critical') }} as c
        on
            cast(c.class_freedom as integer) = t.class_count - 1
            and cast(c.pupil_freedom as integer) <= t.pupil_count - t.class_count
    group by t.region_code, t.school_year, t.school_code, t.grade
)

select
    'class_spread' as figure_code, t.region_code, 'school' as entity_type, t.school_code as entity_id,
    'school_year' as period_type, t.school_year as period_id, 'all' as stage, 'all' as urban_rural,
    cast(t.grade as varchar) as grade, '_all' as subject, '_all' as group_code, t.f_value as numerator,
    l.critical_value as denominator, t.f_value / l.critical_value as value,
    case when t.f_value is null then 'undefined' else 'ok' end as status
from tested as t
inner join limits as l
    on
        t.region_code = l.region_code
        and t.school_year = l.school_year
        and t.school_code = l.school_code
        and t.grade = l.grade
