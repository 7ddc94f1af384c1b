{{ config(meta={'zone': 'restricted'}) }}
{# Values of indicators that serve accountability: for the officer who is named, never for a report. #}
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
where zone = 'restricted' and value is not null
