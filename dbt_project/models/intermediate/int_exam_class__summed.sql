{{ config(materialized='incremental', incremental_strategy='append', on_schema_change='fail') }}

-- The one pass over pupils: class x exam x grade x subject, additive only. Schools are sums of these, rates come later.
-- A cut that the exam does not have leaves its count NULL, which is not zero. Exams that did not change since the last
-- build are there already (warehouse/reuse.py).
with marked as (
    select
        scores.region_code,
        scores.school_year,
        scores.exam_id,
        scores.grade,
        scores.subject,
        scores.school_code,
        coalesce(scores.class_name, '_none') as class_name,
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
    {{ join_changed_exam('scores') }}
)

select
    region_code,
    school_year,
    exam_id,
    grade,
    subject,
    school_code,
    class_name,
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
group by region_code, school_year, exam_id, grade, subject, school_code, class_name
