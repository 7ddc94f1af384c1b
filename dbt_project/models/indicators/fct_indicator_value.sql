{# Values for everybody in house. Of a restricted indicator only the reason why it has no value is here. #}
select
    indicator_code,
    region_code,
    entity_type,
    entity_id,
    period_type,
    period_id,
    stage,
    urban_rural,
    grade,
    subject,
    exam_id,
    group_code,
    numerator,
    denominator,
    value,
    status,
    definition_version
from {{ ref('int_indicator_value') }}
where zone <> 'restricted' or value is null
