select
    scores.region_code,
    periods.period_type,
    periods.period_id,
    scores.school_code,
    coalesce(attributes.only_stage, parameters.stage) as stage,
    scores.school_code || '/' || coalesce(attributes.only_stage, parameters.stage) as entity_id,
    case when schools.is_urban then 'urban' else 'rural' end as urban_rural,
    cast(scores.grade as varchar) as grade,
    scores.subject,
    scores.exam_id,
    exams.exam_type,
    exams.purpose,
    scores.score,
    scores.submission_id || scores.sheet_name || scores.row_number || coalesce(scores.column_letter, '') as row_id,
    statuses.has_score as is_scored,
    case parameters.denominator_rule
        when 'present' then statuses.is_present
        when 'registered' then statuses.is_registered
        when 'roll' then true
        else statuses.has_score
    end as is_in_denominator,
    statuses.has_score and scores.score >= parameters.excellent_cut as is_excellent,
    statuses.has_score and scores.score >= parameters.pass_cut as is_pass,
    statuses.has_score and scores.score < parameters.low_cut as is_low,
    scores.submission_id,
    scores.sheet_name,
    scores.row_number,
    scores.column_letter
from {{ ref('stg_exam_scores__score') }} as scores
inner join {{ ref('score_status') }} as statuses on scores.score_status = statuses.score_status
inner join {{ ref('dim_exam') }} as exams
    on scores.exam_id = exams.exam_id and scores.school_year = exams.school_year
inner join {{ ref('period_calendar') }} as periods
    on
        periods.period_type in ('school_year', 'calendar_year')
        and exams.exam_date between cast(periods.starts_on as date) and cast(periods.ends_on as date)
left join {{ ref('dim_exam_subject') }} as parameters
    on
        scores.exam_id = parameters.exam_id
        and scores.school_year = parameters.school_year
        and scores.grade = parameters.grade
        and scores.subject = parameters.subject
left join {{ ref('dim_school') }} as schools
    on scores.school_code = schools.school_code and scores.school_year = schools.school_year
left join {{ ref('int_school_attribute') }} as attributes
    on
        scores.school_code = attributes.school_code
        and scores.school_year = attributes.school_year
        and attributes.only_stage in ('vocational', 'special')
