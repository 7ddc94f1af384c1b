-- A teacher of several classes has several roster rows; they count once.
select
    roster.region_code,
    roster.school_year as period_id,
    roster.school_code,
    assigned.stage,
    roster.school_code || '/' || assigned.stage as entity_id,
    case when schools.is_urban then 'urban' else 'rural' end as urban_rural,
    '_all' as grade,
    '_all' as subject,
    '_all' as exam_id,
    schools.urban_rural as urban_rural_name,
    schools.school_type,
    roster.teacher_key,
    roster.post_type,
    roster.qualification,
    coalesce(roster.main_subject, roster.subjects) as main_subject,
    assigned.is_full_time_teacher,
    assigned.is_postgraduate,
    assigned.is_pe_art,
    assigned.qualification_rank >= requirement.above_required_min_rank as is_above_required,
    roster.submission_id,
    roster.sheet_name,
    roster.row_number,
    cast(null as varchar) as column_letter
from {{ ref('stg_teacher_roster__teacher') }} as roster
inner join {{ ref('int_teacher__section_assigned') }} as assigned
    on
        roster.teacher_key = assigned.teacher_key
        and roster.school_code = assigned.school_code
        and roster.school_year = assigned.school_year
left join {{ ref('dim_school') }} as schools
    on roster.school_code = schools.school_code and roster.school_year = schools.school_year
left join {{ ref('int_stage_requirement__by_school_year') }} as requirement
    on assigned.stage = requirement.stage and assigned.school_year = requirement.school_year
