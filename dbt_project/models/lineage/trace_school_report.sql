select
    reports.region_code,
    reports.school_year as period_id,
    reports.school_code,
    reports.school_code || '/' || reports.stage as entity_id,
    reports.stage,
    case when schools.is_urban then 'urban' else 'rural' end as urban_rural,
    '_all' as grade,
    '_all' as subject,
    '_all' as exam_id,
    schools.ownership,
    schools.school_type,
    schools.urban_rural as urban_rural_name,
    sections.size_band,
    sections.school_role,
    sections.boarding_school,
    sections.inclusive,
    resources.school_code is not null
    and resources.teaching_auxiliary_area_net_m2 < resources.teaching_auxiliary_area_m2 as is_indoor_excluded,
    reports.student_count,
    reports.backbone_teacher_count,
    reports.staff_count,
    reports.classroom_count,
    reports.multimedia_room_count,
    stocks.teaching_auxiliary_area_m2,
    stocks.indoor_sports_area_m2,
    stocks.sports_ground_area_m2,
    stocks.equipment_value_yuan,
    reports.graduate_count,
    reports.entrant_count,
    reports.psych_record_student_count,
    reports.submission_id,
    reports.sheet_name,
    reports.row_number,
    cast(null as varchar) as column_letter
from {{ ref('stg_school_report__section') }} as reports
inner join {{ ref('dim_school') }} as schools
    on reports.school_code = schools.school_code and reports.school_year = schools.school_year
inner join {{ ref('int_section__stock_split') }} as stocks
    on
        reports.submission_id = stocks.submission_id
        and reports.sheet_name = stocks.sheet_name
        and reports.row_number = stocks.row_number
left join {{ ref('fct_school_resource_snapshot') }} as resources
    on
        reports.school_code = resources.school_code
        and reports.school_year = resources.school_year
        and reports.stage = resources.stage
left join {{ ref('int_measure_base__school_resource') }} as sections
    on
        reports.school_code = sections.school_code
        and reports.school_year = sections.period_id
        and reports.stage = sections.stage
