{{ config(meta={'zone': 'restricted'}) }}
{% set keys = 'term_code, measure_code, source_fact, region_code, period_type, period_id' %}
{# Terms by school and stage and, where things are counted, by thing: one counts once, however many rows it has. A table
   of its own, and before scopes of stages are spread: a row of a register stands in six of them. #}
select
    {{ keys }}, coalesce(school_code, entity_id) as school_code,
    min(case when school_code is null then entity_type else 'school' end) as entity_type, stage,
    urban_rural, grade, subject, exam_id, group_code, rollup, counted_code,
    cast(
        case rollup
            when 'distinct' then max(case when term_value > 0 and counted_code is not null then 1 else 0 end)
            when 'max_within_school' then max(term_value)
            else sum(term_value)
        end as decimal(38, 10)
    ) as term_value,
    cast(sum(missing_rows) as bigint) as missing_rows
from {{ ref('int_measure_pooled') }}
group by
    {{ keys }}, coalesce(school_code, entity_id), stage, urban_rural, grade, subject, exam_id, group_code,
    rollup, counted_code
