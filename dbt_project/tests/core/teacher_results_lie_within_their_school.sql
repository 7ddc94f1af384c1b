-- The pupils of a teacher's classes are pupils of the school: neither more scores nor a higher sum than the school has.
with schools as (
    select
        exam_id,
        school_year,
        grade,
        subject,
        group_code as school_code,
        n_scored,
        score_sum
    from {{ ref('fct_exam_group_stat') }}
    where group_type = 'school'
)

select
    results.teacher_key,
    results.school_code,
    results.exam_id,
    results.grade,
    results.subject
from {{ ref('fct_teacher_exam_result_person') }} as results
left join schools
    on
        results.school_code = schools.school_code
        and results.exam_id = schools.exam_id
        and results.school_year = schools.school_year
        and results.grade = schools.grade
        and results.subject = schools.subject
where
    schools.school_code is null
    or results.n_scored > schools.n_scored
    or results.score_sum > schools.score_sum
