{{ config(materialized='view') }}

-- The big fact is never copied: this is raw as staged, pinned to the build, and nothing is joined to it.
select
    scores.region_code,
    scores.school_year,
    scores.exam_id,
    scores.grade,
    scores.subject,
    scores.school_code,
    scores.class_name,
    scores.student_key,
    scores.sex,
    scores.score,
    scores.score_status,
    scores.submission_id,
    scores.sheet_name,
    scores.row_number,
    scores.column_letter
from {{ ref('stg_exam_scores__score') }} as scores
