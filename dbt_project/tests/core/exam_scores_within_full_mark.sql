-- 0 <= lowest, highest <= full mark, and so 0 <= mean <= full mark; every paper with scores has its parameters.
select
    stats.exam_id,
    stats.school_year,
    stats.grade,
    stats.subject,
    stats.group_code
from {{ ref('fct_exam_group_stat') }} as stats
left join {{ ref('dim_exam_subject') }} as parameters
    on
        stats.exam_id = parameters.exam_id
        and stats.school_year = parameters.school_year
        and stats.grade = parameters.grade
        and stats.subject = parameters.subject
where
    parameters.exam_id is null
    or stats.min_score < 0
    or stats.max_score > parameters.full_mark
    or stats.score_sum > stats.n_scored * parameters.full_mark
