{# Compiled from the rows of the indicator catalogue by `python -m warehouse.terms --write`. Do not edit. #}
{{ config(meta={'zone': 'restricted'}) }}
with terms as (
    select term_code, measure_code, keeps_zero
    from {{ ref('term') }}
    where source_fact = 'exam_plan'
),

picked as (
    select
        t.term_code, t.measure_code, t.keeps_zero,
        b.region_code, b.entity_type, b.school_code, b.entity_id, b.period_type, b.period_id, b.stage, b.urban_rural,
        b.grade, b.subject, b.exam_id, b.submission_id,
        b.group_code,
        case t.term_code
            when 'exam_event_count' then cast(b.exam_event_count as decimal(28, 10))
            when 'exam_event_count__51716ab6' then cast(b.exam_event_count as decimal(28, 10))
            when 'exam_subject_count' then cast(b.exam_subject_count as decimal(28, 10))
            when 'exam_subject_count__51716ab6' then cast(b.exam_subject_count as decimal(28, 10))
            when 'exam_test_held_count' then cast(b.test_held_count as decimal(28, 10))
            when 'exam_test_held_count__51716ab6' then cast(b.test_held_count as decimal(28, 10))
            when 'exam_test_planned_count' then cast(b.test_planned_count as decimal(28, 10))
            when 'exam_test_planned_count__51716ab6' then cast(b.test_planned_count as decimal(28, 10))
        end as term_value,
        case t.term_code
            when 'exam_event_count__51716ab6' then cast(b.purpose as varchar) = '教学质量监测'
            when 'exam_subject_count__51716ab6' then cast(b.purpose as varchar) = '教学质量监测'
            when 'exam_test_held_count__51716ab6' then cast(b.purpose as varchar) = '教学质量监测'
            when 'exam_test_planned_count__51716ab6' then cast(b.purpose as varchar) = '教学质量监测'
            else true
        end as is_match
    from {{ ref('int_measure_base__exam_plan') }} as b
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
