select
    {{ surrogate_key(['answers.region_code', 'answers.school_year', 'answers.survey']) }} as survey_key,
    answers.region_code,
    answers.school_year,
    answers.survey,
    min(answers.surveyed_on) as first_surveyed_on,
    max(answers.surveyed_on) as last_surveyed_on,
    cast(count(distinct answers.question) as integer) as question_count,
    cast(count(distinct answers.respondent_group) as integer) as group_count,
    min(answers.submission_id) as submission_id
from {{ ref('fct_survey_response_agg') }} as answers
group by answers.region_code, answers.school_year, answers.survey
