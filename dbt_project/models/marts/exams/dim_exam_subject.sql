select
    {{ surrogate_key(['parameters.exam_id', 'parameters.school_year']) }} as exam_key,
    parameters.exam_id,
    parameters.region_code,
    parameters.school_year,
    parameters.grade,
    parameters.subject,
    grades.stage,
    parameters.full_mark,
    parameters.excellent_cut,
    parameters.good_cut,
    parameters.pass_cut,
    parameters.low_cut,
    coalesce(parameters.denominator_rule, 'scored') as denominator_rule,
    case
        when parameters.denominator_rule in ('registered', 'roll') then 'counts_against'
        else 'left_out'
    end as absent_rule,
    parameters.submission_id
from {{ ref('stg_exam_parameters__exam_subject') }} as parameters
left join {{ ref('grade') }} as grades on parameters.grade = grades.grade
