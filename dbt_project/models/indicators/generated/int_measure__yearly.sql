{# Compiled from the rows of the indicator catalogue by `python -m warehouse.terms --write`. Do not edit. #}
{{ config(meta={'zone': 'restricted'}) }}
with terms as (
    select term_code, measure_code, keeps_zero
    from {{ ref('term') }}
    where source_fact = 'yearly'
),

picked as (
    select
        t.term_code, t.measure_code, t.keeps_zero,
        b.region_code, b.entity_type, b.school_code, b.entity_id, b.period_type, b.period_id, b.stage, b.urban_rural,
        b.grade, b.subject, b.exam_id, b.submission_id,
        case t.term_code
            when 'rotated_teacher_count' then cast(b.group_code as varchar)
            when 'rotated_teacher_count__e9e36dad' then cast(b.group_code as varchar)
            when 'rotation_eligible_teacher_count' then cast(b.group_code as varchar)
            else '_all'
        end as group_code,
        b.value as term_value,
        case t.term_code
            when 'rotated_teacher_count__e9e36dad' then b.kind_code in ('县级', '市级', '省级', '国家级')
            else true
        end as is_match
    from {{ ref('int_measure_base__yearly') }} as b
    inner join terms as t on b.measure_code = t.measure_code
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
