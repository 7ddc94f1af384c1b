{% set same_pair -%}
    pairs.region_code = kept.region_code
    and pairs.exit_exam_id = kept.exit_exam_id
    and pairs.exit_year = kept.exit_year
    and pairs.entry_exam_id = kept.entry_exam_id
    and pairs.entry_year = kept.entry_year
    and pairs.grade = kept.grade
    and pairs.subject = kept.subject
{%- endset -%}
{#- A newer entry exam may have taken the place of the one that a kept row was paired with. -#}
{{ config(
    materialized='incremental', incremental_strategy='append', on_schema_change='fail',
    pre_hook="{% if is_incremental() %}delete from {{ this }} as kept where not exists (select 1 from "
    ~ "{{ ref('int_value_added__exam_paired') }} as pairs where " ~ same_pair ~ "){% endif %}"
) }}

-- Pupils with a score at both exams, matched one to one by pseudonym, summed by the school they left the exit exam in.
-- Sums are of decimals, so they are exact whatever the order of rows. Pairs of exams that did not change since the last
-- build are there already (warehouse/reuse.py).
with wanted as (
    select pairs.*
    from {{ ref('int_value_added__exam_paired') }} as pairs
    {% if is_incremental() %}
        where
            not exists (
                select 1
                from {{ this }} as kept
                where {{ same_pair }}
            )
    {% endif %}
),

papers as (
    select region_code, exit_exam_id as exam_id, exit_year as school_year, grade, subject
    from wanted
    union
    select region_code, entry_exam_id, entry_year, grade - 1, subject
    from wanted
),

-- A number stands for a paper's five texts: pupils are grouped and matched five times faster by it.
numbered as (
    select
        papers.*,
        row_number() over (order by region_code, exam_id, school_year, grade, subject) as paper_no
    from papers
),

-- An exit paper has one entry paper. Its number goes with every pupil, so that two rows meet by pupil and paper: by the
-- pupil alone, all papers of a life would meet each other first.
pairs as (
    select
        wanted.*,
        exit_paper.paper_no as exit_paper_no,
        entry_paper.paper_no as entry_paper_no
    from wanted
    inner join numbered as exit_paper
        on
            wanted.region_code = exit_paper.region_code and wanted.exit_exam_id = exit_paper.exam_id
            and wanted.exit_year = exit_paper.school_year and wanted.grade = exit_paper.grade
            and wanted.subject = exit_paper.subject
    inner join numbered as entry_paper
        on
            wanted.region_code = entry_paper.region_code and wanted.entry_exam_id = entry_paper.exam_id
            and wanted.entry_year = entry_paper.school_year and wanted.grade - 1 = entry_paper.grade
            and wanted.subject = entry_paper.subject
),

scored as (
    select
        numbered.paper_no,
        scores.student_key,
        min(scores.school_code) as school_code,
        min(scores.score) as score
    from {{ ref('stg_exam_scores__score') }} as scores
    inner join {{ ref('score_status') }} as statuses
        on scores.score_status = statuses.score_status
    inner join numbered
        on
            scores.region_code = numbered.region_code and scores.exam_id = numbered.exam_id
            and scores.school_year = numbered.school_year and scores.grade = numbered.grade
            and scores.subject = numbered.subject
    where statuses.has_score and scores.score is not null
    group by numbered.paper_no, scores.student_key
    -- One, that is: of an equality an engine supposes that next to none is.
    having count(*) < 2
),

places as (
    select numbered.paper_no, pairs.entry_paper_no, placed.score, placed.percentile
    from {{ ref('int_value_added__score_placed') }} as placed
    inner join numbered
        on
            placed.region_code = numbered.region_code and placed.exam_id = numbered.exam_id
            and placed.school_year = numbered.school_year and placed.grade = numbered.grade
            and placed.subject = numbered.subject
    left join pairs on numbered.paper_no = pairs.exit_paper_no
),

-- With its place, before pupils are matched: joined last, every place of the one exam could meet all of the other.
placed as (
    select scored.*, places.entry_paper_no, places.percentile
    from scored
    inner join places on scored.paper_no = places.paper_no and scored.score = places.score
),

summed as (
    select
        exit_score.paper_no,
        exit_score.school_code,
        cast(count(*) as bigint) as matched_n,
        cast(sum(entry_score.score) as decimal(24, 2)) as entry_sum,
        cast(sum(exit_score.score) as decimal(24, 2)) as exit_sum,
        cast(sum(entry_score.score * entry_score.score) as decimal(30, 4)) as entry_sumsq,
        cast(sum(exit_score.score * exit_score.score) as decimal(30, 4)) as exit_sumsq,
        cast(sum(entry_score.score * exit_score.score) as decimal(30, 4)) as cross_sum,
        {{ exact_sum('entry_score.percentile', 10) }} as entry_percentile_sum,
        {{ exact_sum('exit_score.percentile', 10) }} as exit_percentile_sum
    from placed as exit_score
    inner join placed as entry_score
        on exit_score.entry_paper_no = entry_score.paper_no and exit_score.student_key = entry_score.student_key
    group by exit_score.paper_no, exit_score.school_code
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
    summed.school_code,
    summed.matched_n,
    summed.entry_sum,
    summed.exit_sum,
    summed.entry_sumsq,
    summed.exit_sumsq,
    summed.cross_sum,
    summed.entry_percentile_sum,
    summed.exit_percentile_sum
from summed
inner join pairs on summed.paper_no = pairs.exit_paper_no
