-- Every pupil row of the build is in exactly one school group: rows staged = rows summed, per exam and subject.
with staged as (
    select
        exam_id,
        school_year,
        grade,
        subject,
        count(*) as row_count
    from {{ ref('stg_exam_scores__score') }}
    group by exam_id, school_year, grade, subject
),

summed as (
    select
        exam_id,
        school_year,
        grade,
        subject,
        sum(n_listed) as row_count
    from {{ ref('int_exam_school__summed') }}
    group by exam_id, school_year, grade, subject
)

select
    staged.exam_id,
    staged.school_year,
    staged.grade,
    staged.subject,
    staged.row_count,
    summed.row_count as summed_count
from staged
left join summed
    on
        staged.exam_id = summed.exam_id
        and staged.school_year = summed.school_year
        and staged.grade = summed.grade
        and staged.subject = summed.subject
where coalesce(summed.row_count, 0) <> staged.row_count
