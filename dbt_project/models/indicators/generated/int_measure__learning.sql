{# Compiled from the rows of the indicator catalogue by `python -m warehouse.terms --write`. Do not edit. #}
{{ config(meta={'zone': 'restricted'}) }}
with terms as (
    select term_code, measure_code, keeps_zero
    from {{ ref('term') }}
    where source_fact = 'learning'
),

picked as (
    select
        t.term_code, t.measure_code, t.keeps_zero,
        b.region_code, b.entity_type, b.school_code, b.entity_id, b.period_type, b.period_id, b.stage, b.urban_rural,
        b.grade, b.subject, b.exam_id, b.submission_id,
        case t.term_code
            when 'fitness_test_round_count' then cast(b.group_code as varchar)
            when 'required_weekly_period_count@class_subject' then cast(b.group_code as varchar)
            when 'term_lesson_count__5caeee51' then cast(b.group_code as varchar)
            when 'weekly_period_count@class_subject' then cast(b.group_code as varchar)
            else '_all'
        end as group_code,
        b.value as term_value,
        case t.term_code
            when 'inspection_done_count__0d53ffc9' then b.kind_code = '听课'
            when 'inspection_done_count__26e919f4' then b.kind_code = '备课本检查'
            when 'inspection_done_count__bc5f8bbd' then b.kind_code = '作业本检查'
            when 'inspection_done_count__edb0e49e' then b.kind_code = '学生问卷'
            when 'inspection_scope_count__0d53ffc9' then b.kind_code = '听课'
            when 'inspection_scope_count__26e919f4' then b.kind_code = '备课本检查'
            when 'inspection_scope_count__bc5f8bbd' then b.kind_code = '作业本检查'
            when 'inspection_scope_count__edb0e49e' then b.kind_code = '学生问卷'
            when 'skill_assessed_student_count__0191ae73' then b.kind_code = '运动技能'
            when 'skill_assessed_student_count__67b54502' then b.kind_code = '生活技能'
            when 'skill_assessed_student_count__ba7c5bde' then b.kind_code = '艺术技能'
            when 'student_skill_count__0191ae73' then b.kind_code = '运动技能'
            when 'student_skill_count__67b54502' then b.kind_code = '生活技能'
            when 'student_skill_count__ba7c5bde' then b.kind_code = '艺术技能'
            when 'term_lesson_count__5caeee51' then b.kind_code = '健康教育'
            when 'weekly_period_count__aa7a939e' then b.subject_code = '劳动'
            else true
        end as is_match
    from {{ ref('int_measure_base__learning') }} as b
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
