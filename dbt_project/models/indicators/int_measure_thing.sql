{{ config(meta={'zone': 'restricted'}) }}
{% set keys = 'term_code, measure_code, source_fact, region_code, period_type, period_id' %}
{# Things that are counted, by school and scope of stages: one counts once in a scope, at however many of its stages it
   stands. #}
select
    {{ keys }}, i.school_code, min(i.entity_type) as entity_type, s.stage_scope, max(i.urban_rural) as urban_rural,
    i.grade, i.subject, i.exam_id, i.group_code, i.counted_code,
    max(i.term_value) as term_value,
    cast(sum(i.missing_rows) as bigint) as missing_rows
from {{ ref('int_measure_item') }} as i
inner join {{ ref('int_scope_stage') }} as s on i.stage = s.stage
where i.rollup = 'distinct'
group by {{ keys }}, i.school_code, s.stage_scope, i.grade, i.subject, i.exam_id, i.group_code, i.counted_code
