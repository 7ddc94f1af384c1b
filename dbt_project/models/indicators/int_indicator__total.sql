{{ config(meta={'zone': 'restricted'}) }}
select
    indicator_code, region_code, entity_type, entity_id, period_type, period_id, stage, urban_rural,
    grade, subject, exam_id, group_code,
    numerator, cast(null as double) as denominator, paired_value as value, status
from {{ ref('int_indicator_paired') }}
where form = 'total'
