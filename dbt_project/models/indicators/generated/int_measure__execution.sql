{# Compiled from the rows of the indicator catalogue by `python -m warehouse.terms --write`. Do not edit. #}
{{ config(meta={'zone': 'restricted'}) }}
with terms as (
    select term_code, measure_code, keeps_zero
    from {{ ref('term') }}
    where source_fact = 'execution'
),

picked as (
    select
        t.term_code, t.measure_code, t.keeps_zero,
        b.region_code, b.entity_type, b.school_code, b.entity_id, b.period_type, b.period_id, b.stage, b.urban_rural,
        b.grade, b.subject, b.exam_id, b.submission_id,
        '_all' as group_code,
        case t.term_code
            when 'executed_yuan' then cast(b.amount_yuan as decimal(28, 10))
            when 'executed_yuan__86fb5fd7' then cast(b.amount_yuan as decimal(28, 10))
        end as term_value,
        case t.term_code
            when 'executed_yuan' then cast(b.is_leaf as varchar) = 'Y'
            when 'executed_yuan__86fb5fd7' then cast(b.is_leaf as varchar) = 'Y'
            else true
        end as is_match
    from {{ ref('int_measure_base__execution') }} as b
    cross join terms as t
)

-- A row that is no term's is dropped before the grouping: of a register taken by person it is nearly all of them.
select
    term_code, measure_code,
    region_code, entity_type, school_code, entity_id, period_type, period_id, stage, urban_rural,
    grade, subject, exam_id, submission_id,
    group_code,
    cast(coalesce(sum(case when is_match then term_value end), 0) as decimal(28, 10)) as term_value,
    cast(sum(case when is_match and term_value is null then 1 else 0 end) as bigint) as missing_rows
from picked
where is_match or keeps_zero = 'yes'
group by
    term_code, measure_code,
    region_code, entity_type, school_code, entity_id, period_type, period_id, stage, urban_rural,
    grade, subject, exam_id, submission_id,
    group_code
