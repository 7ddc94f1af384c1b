{{ config(materialized='incremental', incremental_strategy='append', on_schema_change='fail') }}

-- A table: within the windows of who reads it, the same rows take twice as long to make.
-- Where schools and classes stand in the region's distribution of a paper, from sums: a row for each measure. Schools
-- are held against all schools and classes against all classes, so that both sides of a difference count alike. Exams
-- that did not change since the last build are there already (warehouse/reuse.py).
with members as (
    select
        stats.region_code,
        stats.school_year,
        stats.exam_id,
        stats.grade,
        stats.subject,
        'school' as group_type,
        stats.group_code as school_code,
        '_all' as class_name,
        stats.n_scored,
        stats.n_denominator,
        stats.n_registered - stats.n_unlisted - stats.n_exempt as n_due,
        stats.n_absent,
        stats.n_pass,
        stats.n_low,
        stats.score_sum,
        stats.score_sumsq
    from {{ ref('fct_exam_group_stat') }} as stats
    {{ join_changed_exam('stats') }}
    where stats.group_type = 'school'
    union all
    select
        classes.region_code,
        classes.school_year,
        classes.exam_id,
        classes.grade,
        classes.subject,
        'class' as group_type,
        classes.school_code,
        classes.class_name,
        classes.n_scored,
        {{ exam_denominator(
            'papers.denominator_rule', 'classes.n_scored', 'classes.n_present', 'classes.n_marked',
            'classes.n_listed', 'classes.n_exempt'
        ) }} as n_denominator,
        classes.n_marked - classes.n_exempt as n_due,
        classes.n_absent,
        classes.n_pass,
        classes.n_low,
        classes.score_sum,
        classes.score_sumsq
    from {{ ref('int_exam_class__summed') }} as classes
    left join {{ ref('dim_exam_subject') }} as papers
        on
            classes.exam_id = papers.exam_id
            and classes.school_year = papers.school_year
            and classes.grade = papers.grade
            and classes.subject = papers.subject
    {{ join_changed_exam('classes') }}
),

region as (
    select
        region_code,
        school_year,
        exam_id,
        grade,
        subject,
        group_type,
        count(distinct case when n_scored > 0 then school_code end) as n_schools,
        cast(sum(n_scored) as double) as n_scored,
        cast(sum(n_denominator) as double) as n_denominator,
        cast(sum(n_due) as double) as n_due,
        cast(sum(n_absent) as double) as n_absent,
        cast(sum(n_pass) as double) as n_pass,
        cast(sum(n_low) as double) as n_low,
        cast(sum(score_sum) as double) / nullif(cast(sum(n_scored) as double), 0) as mean_score,
        cast(sum(score_sumsq) as double) / nullif(cast(sum(n_scored) as double), 0) as mean_square
    from members
    group by region_code, school_year, exam_id, grade, subject, group_type
),

{# rate: its part, and the pupils it is of. #}
{% set rates = {'pass_rate': ('n_pass', 'n_denominator'), 'low_rate': ('n_low', 'n_denominator'),
                'absence_rate': ('n_absent', 'n_due')} -%}
measured as (
    select
        m.region_code, m.school_year, m.exam_id, m.grade, m.subject, m.group_type, m.school_code, m.class_name,
        r.n_schools,
        'standing' as measure,
        -1 as worse_sign,
        m.n_scored as pupil_count,
        cast(m.score_sum as double) / nullif(m.n_scored, 0) as value,
        r.mean_score as region_value,
        nullif(sqrt(greatest(r.mean_square - r.mean_score * r.mean_score, 0)), 0) as unit_size
    from members as m
    inner join region as r
        on
            m.exam_id = r.exam_id
            and m.region_code = r.region_code
            and m.school_year = r.school_year
            and m.grade = r.grade
            and m.subject = r.subject
            and m.group_type = r.group_type
    {% for measure, (part, whole) in rates.items() %}
        union all
        select
            m.region_code, m.school_year, m.exam_id, m.grade, m.subject, m.group_type, m.school_code, m.class_name,
            r.n_schools,
            '{{ measure }}' as measure,
            {{ -1 if measure == 'pass_rate' else 1 }} as worse_sign,
            m.{{ whole }} as pupil_count,
            100.0 * cast(m.{{ part }} as double) / nullif(m.{{ whole }}, 0) as value,
            100.0 * r.{{ part }} / nullif(r.{{ whole }}, 0) as region_value,
            cast(1 as double) as unit_size
        from members as m
        inner join region as r
            on
                m.exam_id = r.exam_id
                and m.region_code = r.region_code
                and m.school_year = r.school_year
                and m.grade = r.grade
                and m.subject = r.subject
                and m.group_type = r.group_type
    {% endfor %}
)

select
    region_code,
    school_year,
    exam_id,
    grade,
    subject,
    group_type,
    school_code,
    class_name,
    measure,
    cast(n_schools as integer) as n_schools,
    cast(pupil_count as bigint) as pupil_count,
    value,
    region_value,
    (value - region_value) / unit_size as standing,
    cast(worse_sign as integer) as worse_sign
from measured
where class_name <> '_none'
