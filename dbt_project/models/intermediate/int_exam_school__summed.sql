{{ config(materialized='incremental', incremental_strategy='append', on_schema_change='fail') }}

-- School x exam x grade x subject, as sums of classes; a count that the exam has no cut for stays NULL. Exams that did
-- not change since the last build, nor their rosters, are there already (warehouse/reuse.py).
with summed as (
    select
        classes.region_code,
        classes.school_year,
        classes.exam_id,
        classes.grade,
        classes.subject,
        classes.school_code,
        {% for count in [
            'n_listed', 'n_marked', 'n_present', 'n_scored', 'n_absent', 'n_deferred', 'n_exempt', 'n_excellent',
            'n_good', 'n_pass', 'n_low',
        ] -%}
            cast(sum(classes.{{ count }}) as bigint) as {{ count }},
        {% endfor -%}
        cast(sum(classes.score_sum) as decimal(24, 2)) as score_sum,
        cast(sum(classes.score_sumsq) as decimal(30, 4)) as score_sumsq,
        min(classes.min_score) as min_score,
        max(classes.max_score) as max_score
    from {{ ref('int_exam_class__summed') }} as classes
    {{ join_changed_exam('classes') }}
    group by
        classes.region_code, classes.school_year, classes.exam_id, classes.grade, classes.subject, classes.school_code
),

-- A sheet lists every pupil of the grade once per subject, so its longest subject list is the grade as sheets know it.
listed as (
    select
        summed.*,
        max(n_listed) over (partition by region_code, school_year, exam_id, grade, school_code) as n_longest
    from summed
),

registered as (
    select
        candidates.region_code,
        candidates.school_year,
        candidates.exam_id,
        candidates.grade,
        candidates.school_code,
        cast(count(distinct candidates.student_key) as bigint) as n_candidates
    from {{ ref('fct_exam_registration_person') }} as candidates
    {{ join_changed_exam('candidates') }}
    group by
        candidates.region_code, candidates.school_year, candidates.exam_id, candidates.grade, candidates.school_code
),

enrolled as (
    select
        pupils.region_code,
        pupils.school_year,
        pupils.grade,
        pupils.school_code,
        cast(count(distinct pupils.student_key) as bigint) as n_pupils
    from {{ ref('fct_student_snapshot_person') }} as pupils
    {{ where_changed_exam_year('pupils') }}
    group by pupils.region_code, pupils.school_year, pupils.grade, pupils.school_code
),

-- Registered pupils whom no sheet lists could not be kept away unseen: they are registered for every subject.
joined as (
    select
        listed.*,
        greatest(coalesce(registered.n_candidates, 0) - listed.n_longest, 0) as n_unlisted,
        coalesce(enrolled.n_pupils, 0) as n_pupils
    from listed
    left join registered
        on
            listed.region_code = registered.region_code
            and listed.school_year = registered.school_year
            and listed.exam_id = registered.exam_id
            and listed.grade = registered.grade
            and listed.school_code = registered.school_code
    left join enrolled
        on
            listed.region_code = enrolled.region_code
            and listed.school_year = enrolled.school_year
            and listed.grade = enrolled.grade
            and listed.school_code = enrolled.school_code
)

select
    region_code,
    school_year,
    exam_id,
    grade,
    subject,
    school_code,
    n_listed,
    n_longest,
    n_marked + n_unlisted as n_registered,
    n_present,
    n_scored,
    n_absent,
    n_deferred,
    n_exempt,
    n_unlisted,
    score_sum,
    score_sumsq,
    n_excellent,
    n_good,
    n_pass,
    n_low,
    min_score,
    max_score,
    greatest(n_longest + n_unlisted, n_pupils) as n_roll
from joined
