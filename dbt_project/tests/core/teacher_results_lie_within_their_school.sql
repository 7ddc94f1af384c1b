-- The pupils of a teacher's classes are pupils of the school: neither more scores nor a higher sum than the school's own.
select
    results.teacher_key,
    results.exam_id,
    results.grade,
    results.subject
from {{ ref('fct_teacher_exam_result_person') }} as results
inner join (
    select
        exam_id,
        school_year,
        grade,
        subject,
        sum(n_scored) as n_scored,
        sum(score_sum) as score_sum
    from {{ ref('fct_exam_group_stat') }}
    where group_type = 'school'
    group by exam_id, school_year, grade, subject
) as schools
    on
        results.exam_id = schools.exam_id
        and results.school_year = schools.school_year
        and results.grade = schools.grade
        and results.subject = schools.subject
where results.n_scored > schools.n_scored or results.score_sum > schools.score_sum
