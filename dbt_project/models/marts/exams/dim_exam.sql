with exams as (
    select
        region_code,
        school_year,
        exam_id,
        min(exam_name) as exam_name,
        min(exam_date) as exam_date,
        max(exam_date) as last_exam_date,
        min(exam_level) as exam_level,
        min(exam_type) as exam_type,
        min(purpose) as purpose,
        cast(count(distinct subject) as integer) as subject_count,
        min(submission_id) as submission_id
    from {{ ref('stg_exam_parameters__exam_subject') }}
    group by region_code, school_year, exam_id
)

select
    {{ surrogate_key(['exams.exam_id', 'exams.school_year']) }} as exam_key,
    exams.exam_id,
    exams.region_code,
    exams.school_year,
    exams.exam_name,
    exams.exam_date,
    exams.last_exam_date,
    terms.term_code,
    exams.exam_level,
    exams.exam_type,
    exams.purpose,
    exams.subject_count,
    exams.submission_id
from exams
left join {{ ref('dim_term') }} as terms on exams.exam_date between terms.start_date and terms.end_date
