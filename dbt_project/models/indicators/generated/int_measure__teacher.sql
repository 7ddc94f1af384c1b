{# Compiled from the rows of the indicator catalogue by `python -m warehouse.terms --write`. Do not edit. #}
{{ config(meta={'zone': 'restricted'}) }}
with terms as (
    select term_code, measure_code, keeps_zero
    from {{ ref('term') }}
    where source_fact = 'teacher'
),

picked as (
    select
        t.term_code, t.measure_code, t.keeps_zero,
        b.region_code, b.entity_type, b.school_code, b.entity_id, b.period_type, b.period_id, b.stage, b.urban_rural,
        b.grade, b.subject, b.exam_id, b.submission_id,
        case t.term_code
            when 'ft_teacher_count' then cast(b.group_code as varchar)
            when 'ft_teacher_count@section_subject' then cast(b.entity_id || '/' || b.main_subject as varchar)
            when 'ft_teacher_count__23071d20' then cast(b.group_code as varchar)
            else '_all'
        end as group_code,
        case t.term_code
            when 'certified_teacher_count' then cast(b.certified_teacher_count as decimal(28, 10))
            when 'evaluated_teacher_count' then cast(b.evaluated_teacher_count as decimal(28, 10))
            when 'evaluated_teacher_count__e2107316' then cast(b.evaluated_teacher_count as decimal(28, 10))
            when 'ft_teacher_count' then cast(b.ft_teacher_count as decimal(28, 10))
            when 'ft_teacher_count@section_subject' then cast(b.ft_teacher_count as decimal(28, 10))
            when 'ft_teacher_count__23071d20' then cast(b.ft_teacher_count as decimal(28, 10))
            when 'ft_teacher_count__2d057278' then cast(b.ft_teacher_count as decimal(28, 10))
            when 'ft_teacher_count__3e8e8255' then cast(b.ft_teacher_count as decimal(28, 10))
            when 'ft_teacher_count__e233ea0f' then cast(b.ft_teacher_count as decimal(28, 10))
            when 'long_term_off_establishment_count' then cast(b.long_term_off_establishment_count as decimal(28, 10))
            when 'professional_teacher_count' then cast(b.professional_teacher_count as decimal(28, 10))
            when 'professional_teacher_count__6296f400' then cast(b.professional_teacher_count as decimal(28, 10))
            when 'qualified_edu_teacher_count' then cast(b.qualified_edu_teacher_count as decimal(28, 10))
            when 'school_backbone_teacher_count' then cast(b.school_backbone_teacher_count as decimal(28, 10))
            when 'subject_teacher_count' then cast(b.subject_teacher_count as decimal(28, 10))
            when 'subject_teacher_count__e233ea0f' then cast(b.subject_teacher_count as decimal(28, 10))
        end as term_value,
        case t.term_code
            when 'evaluated_teacher_count__e2107316'
                then cast(b.evaluation_grade as varchar) in ('优秀', '良好', '_unknown')
            when 'ft_teacher_count__23071d20' then cast(b.main_subject as varchar) in ('道德与法治', '思想政治', '_unknown')
            when 'ft_teacher_count__2d057278' then cast(b.main_subject as varchar) in ('体育', '_unknown')
            when 'ft_teacher_count__3e8e8255' then cast(b.main_subject as varchar) in ('音乐', '体育', '美术', '_unknown')
            when 'ft_teacher_count__e233ea0f' then cast(b.main_subject as varchar) in ('音乐', '美术', '_unknown')
            when 'professional_teacher_count__6296f400' then cast(b.is_dual_qualified as varchar) in ('是', '_unknown')
            when 'subject_teacher_count__e233ea0f' then cast(b.main_subject as varchar) in ('音乐', '美术', '_unknown')
            else true
        end as is_match
    from {{ ref('int_measure_base__teacher') }} as b
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
