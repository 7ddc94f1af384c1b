{# Compiled from the rows of the indicator catalogue by `python -m warehouse.terms --write`. Do not edit. #}
{{ config(meta={'zone': 'restricted'}) }}
with terms as (
    select term_code, measure_code, keeps_zero
    from {{ ref('term') }}
    where source_fact = 'facility'
),

picked as (
    select
        t.term_code, t.measure_code, t.keeps_zero,
        b.region_code, b.entity_type, b.school_code, b.entity_id, b.period_type, b.period_id, b.stage, b.urban_rural,
        b.grade, b.subject, b.exam_id, b.submission_id,
        case t.term_code
            when 'class_count' then cast(b.group_code as varchar)
            when 'class_student_count' then cast(b.group_code as varchar)
            when 'public_fund_quota_yuan@section' then cast(b.entity_id as varchar)
            when 'required_subject_teacher_count@section_subject'
                then cast(b.entity_id || '/' || b.subject_code as varchar)
            when 'room_usable_area_m2__141ad279' then cast(b.group_code as varchar)
            when 'room_usable_area_m2__98c1a3cd' then cast(b.group_code as varchar)
            when 'school_group_count' then cast(b.group_code as varchar)
            when 'staffing_standard_students_per_post@section' then cast(b.entity_id as varchar)
            else '_all'
        end as group_code,
        b.value as term_value,
        case t.term_code
            when 'class_count__f369a8ac' then b.size_band = '小规模'
            when 'new_entrant_count__587e7017'
                then b.ownership = '公办' and b.boarding_school = '否' and b.urban_rural_name in ('城区', '镇区')
            when 'public_fund_allocated_yuan__95c724e8' then b.stage = 'special'
            when 'room_usable_area_m2__141ad279' then b.kind_code = '美术'
            when 'room_usable_area_m2__98c1a3cd' then b.kind_code = '音乐'
            when 'special_room_count__141ad279' then b.kind_code = '美术'
            when 'special_room_count__98c1a3cd' then b.kind_code = '音乐'
            when 'special_room_count__bf5cfef7' then b.kind_code = '心理辅导'
            when 'zoned_entrant_count__587e7017'
                then b.ownership = '公办' and b.boarding_school = '否' and b.urban_rural_name in ('城区', '镇区')
            else true
        end as is_match
    from {{ ref('int_measure_base__facility') }} as b
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
