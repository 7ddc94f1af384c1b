{{ config(meta={'zone': 'restricted'}) }}
select
    f.region_code,
    'section' as entity_type,
    f.school_code,
    f.school_code || '/' || f.stage as entity_id,
    'school_year' as period_type,
    f.school_year as period_id,
    f.stage,
    case when d.is_urban then 'urban' else 'rural' end as urban_rural,
    '_all' as grade,
    '_all' as subject,
    '_all' as exam_id,
    '_all' as group_code,
    f.submission_id,
    f.ownership,
    f.school_type,
    f.urban_rural as urban_rural_name,
    case when f.student_count < p.value then '小规模' else '其他' end as size_band,
    1 as section_count,
    case when f.stage = 'preschool' then 1 else 0 end as kindergarten_count,
    f.student_count,
    f.entrant_count,
    f.graduate_count,
    f.staff_count,
    f.classroom_count,
    f.multimedia_room_count,
    f.teaching_auxiliary_area_net_m2,
    f.sports_area_m2,
    f.equipment_value_yuan,
    f.roster_ft_teacher_count,
    f.roster_above_required_count,
    f.roster_postgraduate_count,
    f.roster_pe_art_count,
    f.backbone_teacher_count
from {{ ref('fct_school_resource_snapshot') }} as f
inner join {{ ref('dim_school') }} as d on f.school_key = d.school_key
left join {{ ref('int_parameter__by_school_year') }} as p
    on f.school_year = p.school_year and p.parameter_code = 'small_school_students'
