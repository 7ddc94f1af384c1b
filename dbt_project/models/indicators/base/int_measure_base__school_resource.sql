{{ config(meta={'zone': 'restricted'}) }}
{# The school report's row of a section. Backbone teachers are counted in the honours register where there is one. #}
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
    a.size_band,
    r.school_role,
    coalesce(r.boarding_school, '否') as boarding_school,
    -- Public kindergartens are inclusive by law; a private one by recognition.
    case when f.ownership = '公办' then '是' else coalesce(r.inclusive, '否') end as inclusive,
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
    r.psych_record_student_count,
    f.counted_backbone_teacher_count as backbone_teacher_count
from {{ ref('fct_school_resource_snapshot') }} as f
inner join {{ ref('dim_school') }} as d on f.school_key = d.school_key
left join {{ ref('stg_school_report__section') }} as r
    on f.school_code = r.school_code and f.school_year = r.school_year and f.stage = r.stage
left join {{ ref('int_school_attribute') }} as a
    on f.school_code = a.school_code and f.school_year = a.school_year
