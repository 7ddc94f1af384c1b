{# Compiled from the rows of the indicator catalogue by `python -m warehouse.terms --write`. Do not edit. #}
{{ config(materialized='view', meta={'zone': 'restricted'}) }}
select
    term_code, measure_code,
    region_code, entity_type, school_code, entity_id, period_type, period_id, stage, urban_rural,
    grade, subject, exam_id, submission_id,
    group_code, term_value, missing_rows
from {{ ref('int_measure__register__recognition_count') }}
union all
select
    term_code, measure_code,
    region_code, entity_type, school_code, entity_id, period_type, period_id, stage, urban_rural,
    grade, subject, exam_id, submission_id,
    group_code, term_value, missing_rows
from {{ ref('int_measure__register__other') }}
