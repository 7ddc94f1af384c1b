select
    {{ surrogate_key([
        'src.region_code', 'src.school_year', 'src.survey', 'src.question', 'src.respondent_group', 'src.school_code',
        'src.stage', 'src.grade',
    ]) }} as survey_answer_key,
    src.region_code,
    src.school_year,
    schools.school_key,
    src.school_code,
    src.stage,
    schools.urban_rural,
    schools.is_urban,
    schools.ownership,
    schools.school_type,
    src.survey,
    src.question,
    src.respondent_group,
    src.grade,
    src.distributed_count,
    src.valid_count,
    src.satisfied_count,
    src.surveyed_on,
    src.submission_id
from {{ ref('stg_surveys__answer') }} as src
left join {{ ref('dim_school') }} as schools
    on src.school_code = schools.school_code and src.school_year = schools.school_year
