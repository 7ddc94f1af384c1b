{{ config(materialized='incremental', incremental_strategy='append', on_schema_change='fail') }}

-- Where a score stands among all scores of the region in the exam's grade and subject, in hundredths of the way from
-- the lowest to the highest: those below it, and half of those equal to it. Exams that did not change since the last
-- build are there already (warehouse/reuse.py).
with counted as (
    select
        scores.region_code,
        scores.school_year,
        scores.exam_id,
        scores.grade,
        scores.subject,
        scores.score,
        cast(count(*) as bigint) as score_count
    from {{ ref('stg_exam_scores__score') }} as scores
    inner join {{ ref('score_status') }} as statuses
        on scores.score_status = statuses.score_status
    {{ join_changed_exam('scores') }}
    where statuses.has_score and scores.score is not null
    group by scores.region_code, scores.school_year, scores.exam_id, scores.grade, scores.subject, scores.score
)

select
    region_code,
    school_year,
    exam_id,
    grade,
    subject,
    score,
    score_count,
    100.0 * (
        cast(
            sum(score_count) over (
                partition by region_code, school_year, exam_id, grade, subject
                order by score
                rows between unbounded preceding and current row
            ) as double
        ) - cast(score_count as double) / 2
    ) / cast(
        sum(score_count) over (partition by region_code, school_year, exam_id, grade, subject) as double
    ) as percentile
from counted
