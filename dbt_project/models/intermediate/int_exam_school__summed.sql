{{ config(materialized='table') }}

-- The one pass over pupils: school x exam x grade x subject, additive only. Rates come later, from these.
-- A cut that the exam does not have leaves its count NULL, which is not zero.
with marked as (
    select
        scores.region_code,
        scores.school_year,
        scores.exam_id,
        scores.grade,
        scores.subject,
        scores.school_code,
        statuses.is_registered,
        statuses.is_present,
        statuses.is_absent,
        statuses.is_deferred,
        statuses.is_exempt,
        statuses.has_score,
        case when statuses.has_score then scores.score end as score,
        parameters.excellent_cut,
        parameters.good_cut,
        parameters.pass_cut,
        parameters.low_cut
    from {{ ref('stg_exam_scores__score') }} as scores
    inner join {{ ref('score_status') }} as statuses on scores.score_status = statuses.score_status
    left join {{ ref('dim_exam_subject') }} as parameters
        on
            scores.exam_id = parameters.exam_id
            and scores.school_year = parameters.school_year
            and scores.grade = parameters.grade
            and scores.subject = parameters.subject
),

summed as (
    select
        region_code,
        school_year,
        exam_id,
        grade,
        subject,
        school_code,
        cast(count(*) as bigint) as n_listed,
        {{ count_if('is_registered') }} as n_marked,
        {{ count_if('is_present') }} as n_present,
        cast(count(score) as bigint) as n_scored,
        {{ count_if('is_absent') }} as n_absent,
        {{ count_if('is_deferred') }} as n_deferred,
        {{ count_if('is_exempt') }} as n_exempt,
        cast(coalesce(sum(score), 0) as decimal(24, 2)) as score_sum,
        cast(coalesce(sum(score * score), 0) as decimal(30, 4)) as score_sumsq,
        case when max(excellent_cut) is not null then {{ count_if('score >= excellent_cut') }} end as n_excellent,
        case when max(good_cut) is not null then {{ count_if('score >= good_cut') }} end as n_good,
        case when max(pass_cut) is not null then {{ count_if('score >= pass_cut') }} end as n_pass,
        case when max(low_cut) is not null then {{ count_if('score < low_cut') }} end as n_low,
        min(score) as min_score,
        max(score) as max_score
    from marked
    group by region_code, school_year, exam_id, grade, subject, school_code
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
        region_code,
        school_year,
        exam_id,
        grade,
        school_code,
        cast(count(distinct student_key) as bigint) as n_candidates
    from {{ ref('fct_exam_registration_person') }}
    group by region_code, school_year, exam_id, grade, school_code
),

enrolled as (
    select
        region_code,
        school_year,
        grade,
        school_code,
        cast(count(distinct student_key) as bigint) as n_pupils
    from {{ ref('fct_student_snapshot_person') }}
    group by region_code, school_year, grade, school_code
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
