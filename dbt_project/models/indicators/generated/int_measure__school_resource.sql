{# Compiled from the rows of the indicator catalogue by `python -m warehouse.terms --write`. Do not edit. #}
{{ config(meta={'zone': 'restricted'}) }}
with terms as (
    select term_code, measure_code, keeps_zero
    from {{ ref('term') }}
    where source_fact = 'school_resource'
),

picked as (
    select
        t.term_code, t.measure_code, t.keeps_zero,
        b.region_code, b.entity_type, b.school_code, b.entity_id, b.period_type, b.period_id, b.stage, b.urban_rural,
        b.grade, b.subject, b.exam_id, b.submission_id,
        '_all' as group_code,
        case t.term_code
            when 'above_required_teacher_count' then cast(b.roster_above_required_count as decimal(28, 10))
            when 'backbone_teacher_count' then cast(b.backbone_teacher_count as decimal(28, 10))
            when 'classroom_count' then cast(b.classroom_count as decimal(28, 10))
            when 'entrant_count' then cast(b.entrant_count as decimal(28, 10))
            when 'equipment_value_yuan' then cast(b.equipment_value_yuan as decimal(28, 10))
            when 'graduate_count' then cast(b.graduate_count as decimal(28, 10))
            when 'graduate_count__841382c1' then cast(b.graduate_count as decimal(28, 10))
            when 'kindergarten_count' then cast(b.kindergarten_count as decimal(28, 10))
            when 'multimedia_room_count' then cast(b.multimedia_room_count as decimal(28, 10))
            when 'pe_art_teacher_count' then cast(b.roster_pe_art_count as decimal(28, 10))
            when 'postgraduate_teacher_count' then cast(b.roster_postgraduate_count as decimal(28, 10))
            when 'psych_record_student_count' then cast(b.psych_record_student_count as decimal(28, 10))
            when 'school_count' then cast(b.section_count as decimal(28, 10))
            when 'school_count__36bcd7aa' then cast(b.section_count as decimal(28, 10))
            when 'school_count__45e58eed' then cast(b.section_count as decimal(28, 10))
            when 'school_count__5081a4b2' then cast(b.section_count as decimal(28, 10))
            when 'section_count' then cast(b.section_count as decimal(28, 10))
            when 'sports_area_m2' then cast(b.sports_area_m2 as decimal(28, 10))
            when 'staff_count' then cast(b.staff_count as decimal(28, 10))
            when 'staff_count__f369a8ac' then cast(b.staff_count as decimal(28, 10))
            when 'student_count' then cast(b.student_count as decimal(28, 10))
            when 'student_count__4a7ec325' then cast(b.student_count as decimal(28, 10))
            when 'student_count__7699ad91' then cast(b.student_count as decimal(28, 10))
            when 'student_count__8d194be9' then cast(b.student_count as decimal(28, 10))
            when 'student_count__95c724e8' then cast(b.student_count as decimal(28, 10))
            when 'student_count__c6184384' then cast(b.student_count as decimal(28, 10))
            when 'student_count__ff16c0b3' then cast(b.student_count as decimal(28, 10))
            when 'teaching_auxiliary_area_m2' then cast(b.teaching_auxiliary_area_net_m2 as decimal(28, 10))
        end as term_value,
        case t.term_code
            when 'graduate_count__841382c1' then cast(b.stage as varchar) = 'junior'
            when 'school_count__36bcd7aa' then cast(b.stage as varchar) = 'vocational'
            when 'school_count__45e58eed' then cast(b.school_role as varchar) = '片区中心小学'
            when 'school_count__5081a4b2' then cast(b.stage as varchar) in ('junior', 'senior')
            when 'staff_count__f369a8ac' then cast(b.size_band as varchar) = '小规模'
            when 'student_count__4a7ec325'
                then cast(b.stage as varchar) = 'preschool' and cast(b.ownership as varchar) = '公办'
            when 'student_count__7699ad91'
                then cast(b.stage as varchar) = 'preschool' and cast(b.inclusive as varchar) = '是'
            when 'student_count__8d194be9' then cast(b.school_type as varchar) in ('小学', '初级中学')
            when 'student_count__95c724e8' then cast(b.stage as varchar) = 'special'
            when 'student_count__c6184384'
                then
                    cast(b.school_type as varchar) in ('九年一贯制学校', '十二年一贯制学校')
                    and cast(b.stage as varchar) in ('primary', 'junior')
            when 'student_count__ff16c0b3' then cast(b.stage as varchar) = 'preschool'
            else true
        end as is_match
    from {{ ref('int_measure_base__school_resource') }} as b
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
