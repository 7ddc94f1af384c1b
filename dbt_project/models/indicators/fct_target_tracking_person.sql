{{ config(meta={'zone': 'restricted'}) }}
{# The verdicts on restricted indicators with the value they rest on: the extreme of persons is a person's value. #}
select
    region_code,
    school_year,
    target_id,
    document_code,
    indicator_code,
    stage,
    period_id,
    actual_value,
    target_value,
    gap,
    judge,
    unit_code,
    status,
    reason,
    operand,
    prior_value,
    value_stage,
    value_grade,
    value_subject,
    value_exam_id,
    value_group_code
from {{ ref('int_target_judged') }}
where indicator_zone = 'restricted' and actual_value is not null
