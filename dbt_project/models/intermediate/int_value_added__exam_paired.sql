{{ config(materialized='table') }}

-- Each exam's entry exam: the same region and subject, one school year earlier and one grade lower.
-- Where several fit, the one of the same level and type, then the last of that year.
with subjects as (
    select
        parameters.region_code,
        parameters.school_year,
        parameters.exam_id,
        parameters.grade,
        parameters.subject,
        parameters.stage,
        exams.exam_level,
        exams.exam_type,
        exams.exam_date
    from {{ ref('dim_exam_subject') }} as parameters
    inner join {{ ref('dim_exam') }} as exams
        on parameters.exam_id = exams.exam_id and parameters.school_year = exams.school_year
),

ranked as (
    select
        exit_exam.region_code,
        exit_exam.subject,
        exit_exam.grade,
        exit_exam.stage,
        entry_exam.exam_id as entry_exam_id,
        exit_exam.exam_id as exit_exam_id,
        entry_exam.school_year as entry_year,
        exit_exam.school_year as exit_year,
        row_number() over (
            partition by
                exit_exam.region_code,
                exit_exam.exam_id,
                exit_exam.school_year,
                exit_exam.grade,
                exit_exam.subject
            order by
                case when entry_exam.exam_level = exit_exam.exam_level then 0 else 1 end asc,
                case when entry_exam.exam_type = exit_exam.exam_type then 0 else 1 end asc,
                entry_exam.exam_date desc nulls last,
                entry_exam.exam_id asc
        ) as choice
    from subjects as exit_exam
    inner join subjects as entry_exam
        on
            exit_exam.region_code = entry_exam.region_code
            and exit_exam.subject = entry_exam.subject
            and exit_exam.grade = entry_exam.grade + 1
            and entry_exam.school_year = {{ school_year_shift('exit_exam.school_year', -1) }}
)

select
    region_code,
    subject,
    grade,
    stage,
    entry_exam_id,
    exit_exam_id,
    entry_year,
    exit_year
from ranked
where choice = 1
