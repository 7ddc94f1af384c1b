{{ config(materialized='table') }}

-- Pupils with a score at both exams, matched one to one by pseudonym, summed by the school they left the exit exam in.
-- Sums are of decimals, so they are exact whatever the order of rows.
with scored as (
    select
        scores.region_code,
        scores.school_year,
        scores.exam_id,
        scores.grade,
        scores.subject,
        scores.student_key,
        min(scores.school_code) as school_code,
        min(scores.score) as score
    from {{ ref('stg_exam_scores__score') }} as scores
    inner join {{ ref('score_status') }} as statuses
        on scores.score_status = statuses.score_status
    where statuses.has_score and scores.score is not null
    group by
        scores.region_code, scores.school_year, scores.exam_id, scores.grade, scores.subject, scores.student_key
    -- One, that is: of an equality an engine supposes that next to none is.
    having count(*) < 2
),

-- With its place, before pupils are matched: joined last, every place of the one exam could meet all of the other.
placed as (
    select
        scored.*,
        places.percentile
    from scored
    inner join {{ ref('int_value_added__score_placed') }} as places
        on
            scored.region_code = places.region_code
            and scored.exam_id = places.exam_id
            and scored.school_year = places.school_year
            and scored.grade = places.grade
            and scored.subject = places.subject
            and scored.score = places.score
)

select
    pairs.region_code,
    pairs.subject,
    pairs.grade,
    pairs.stage,
    pairs.entry_exam_id,
    pairs.exit_exam_id,
    pairs.entry_year,
    pairs.exit_year,
    exit_score.school_code,
    cast(count(*) as bigint) as matched_n,
    cast(sum(entry_score.score) as decimal(24, 2)) as entry_sum,
    cast(sum(exit_score.score) as decimal(24, 2)) as exit_sum,
    cast(sum(entry_score.score * entry_score.score) as decimal(30, 4)) as entry_sumsq,
    cast(sum(exit_score.score * exit_score.score) as decimal(30, 4)) as exit_sumsq,
    cast(sum(entry_score.score * exit_score.score) as decimal(30, 4)) as cross_sum,
    {{ exact_sum('entry_score.percentile', 10) }} as entry_percentile_sum,
    {{ exact_sum('exit_score.percentile', 10) }} as exit_percentile_sum
from {{ ref('int_value_added__exam_paired') }} as pairs
inner join placed as exit_score
    on
        pairs.region_code = exit_score.region_code
        and pairs.exit_exam_id = exit_score.exam_id
        and pairs.exit_year = exit_score.school_year
        and pairs.grade = exit_score.grade
        and pairs.subject = exit_score.subject
inner join placed as entry_score
    on
        pairs.region_code = entry_score.region_code
        and pairs.entry_exam_id = entry_score.exam_id
        and pairs.entry_year = entry_score.school_year
        and entry_score.grade = pairs.grade - 1
        and pairs.subject = entry_score.subject
        and exit_score.student_key = entry_score.student_key
group by
    pairs.region_code, pairs.subject, pairs.grade, pairs.stage, pairs.entry_exam_id, pairs.exit_exam_id,
    pairs.entry_year, pairs.exit_year, exit_score.school_code
