{{ config(meta={'zone': 'restricted'}) }}
{# sum(numerator) / sum(denominator) * scale at every level, never an average of rates. #}
select
    indicator_code, region_code, entity_type, entity_id, period_type, period_id, stage, urban_rural,
    grade, subject, exam_id, group_code,
    numerator, denominator, paired_value as value, status
from {{ ref('int_indicator_paired') }}
where form = 'ratio'
