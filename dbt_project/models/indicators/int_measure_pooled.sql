{{ config(materialized='view', meta={'zone': 'restricted'}) }}
{# Terms of every fact that go up, by entity at its own stage. Exams that may be pooled stand once more under '_all'; a
   level of detail that is '_all' already is not repeated. #}
with detailed as (
    select
        term_code, measure_code, source_fact, region_code, entity_type, school_code, entity_id, period_type, period_id,
        stage, urban_rural, grade, subject, exam_id, group_code, submission_id, term_value, missing_rows, item_code
    from {{ ref('int_measure_detail') }}
    union all
    select
        b.term_code, b.measure_code, b.source_fact, b.region_code, b.entity_type, b.school_code, b.entity_id,
        b.period_type, b.period_id, b.stage, b.urban_rural, '_all', '_all', '_all', '_all',
        cast(null as varchar), b.term_value, b.missing_rows, b.item_code
    from {{ ref('int_measure_detail') }} as b
    inner join {{ ref('term') }} as t on b.term_code = t.term_code
    where t.pools_exams = 'yes' and b.source_fact in ('exam', 'exam_plan', 'value_added')
)

select
    d.term_code, d.measure_code, d.source_fact, d.region_code, d.entity_type, d.school_code, d.entity_id,
    d.period_type, d.period_id, d.stage, d.urban_rural, d.grade, d.subject, d.exam_id, d.group_code, d.submission_id,
    d.term_value, d.missing_rows, d.item_code, t.rollup,
    case when t.rollup = 'distinct' then d.item_code end as counted_code
from detailed as d
inner join {{ ref('term') }} as t on d.term_code = t.term_code
where t.rollup <> 'none'
