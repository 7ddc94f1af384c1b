-- A school without any roster row has unknown roster counts; one with a roster but nobody in the section has zero.
with schools_with_roster as (
    select
        school_code,
        school_year
    from {{ ref('int_teacher__section_assigned') }}
    group by school_code, school_year
),

-- Regions that have sent a register of honours: there it says who is a backbone teacher, the report elsewhere.
registers as (
    select distinct region_code
    from {{ ref('stg_teacher_honours__honour') }}
),

backbone as (
    select
        region_code,
        school_year,
        school_code,
        stage,
        count(distinct teacher_key) as register_backbone_count
    from {{ ref('int_teacher_backbone') }}
    where is_county_level
    group by region_code, school_year, school_code, stage
),

rules as (
    select
        school_year,
        value = 1 as exclude_indoor_sports
    from {{ ref('int_parameter__by_school_year') }}
    where parameter_code = 'exclude_indoor_sports_from_1_4'
)

select
    {{ surrogate_key(['sections.school_code', 'sections.stage']) }} as section_key,
    schools.school_key,
    sections.school_code,
    sections.region_code,
    sections.school_year,
    sections.stage,
    schools.urban_rural,
    schools.is_urban,
    schools.ownership,
    schools.school_type,
    sections.class_count,
    sections.student_count,
    sections.female_student_count,
    sections.entrant_count,
    sections.graduate_count,
    sections.staff_count,
    sections.ft_teacher_count,
    sections.postgraduate_teacher_count,
    sections.backbone_teacher_count,
    sections.classroom_count,
    sections.multimedia_room_count,
    stocks.teaching_auxiliary_area_m2,
    stocks.indoor_sports_area_m2,
    stocks.sports_ground_area_m2,
    stocks.equipment_value_yuan,
    stocks.sports_ground_area_m2 + stocks.indoor_sports_area_m2 as sports_area_m2,
    case
        when rules.exclude_indoor_sports
            then stocks.teaching_auxiliary_area_m2 - stocks.indoor_sports_area_m2
        else stocks.teaching_auxiliary_area_m2
    end as teaching_auxiliary_area_net_m2,
    case when present.school_code is not null then coalesce(roster.roster_ft_teacher_count, 0) end
        as roster_ft_teacher_count,
    case
        when present.school_code is not null and requirement.above_required_min_rank is not null
            then coalesce(roster.roster_above_required_count, 0)
    end as roster_above_required_count,
    case when present.school_code is not null then coalesce(roster.roster_postgraduate_count, 0) end
        as roster_postgraduate_count,
    case when present.school_code is not null then coalesce(roster.roster_pe_art_count, 0) end
        as roster_pe_art_count,
    case when present.school_code is not null then coalesce(roster.roster_unknown_qualification_count, 0) end
        as roster_unknown_qualification_count,
    case
        when registers.region_code is not null and present.school_code is not null
            then coalesce(backbone.register_backbone_count, 0)
    end as register_backbone_count,
    case
        when registers.region_code is null then cast(sections.backbone_teacher_count as bigint)
        when present.school_code is not null then coalesce(backbone.register_backbone_count, 0)
    end as counted_backbone_teacher_count,
    sections.submission_id
from {{ ref('stg_school_report__section') }} as sections
inner join {{ ref('dim_school') }} as schools
    on sections.school_code = schools.school_code and sections.school_year = schools.school_year
inner join {{ ref('int_section__stock_split') }} as stocks
    on
        sections.submission_id = stocks.submission_id
        and sections.sheet_name = stocks.sheet_name
        and sections.row_number = stocks.row_number
left join schools_with_roster as present
    on sections.school_code = present.school_code and sections.school_year = present.school_year
left join {{ ref('int_section__roster_counted') }} as roster
    on
        sections.school_code = roster.school_code
        and sections.school_year = roster.school_year
        and sections.stage = roster.stage
left join {{ ref('int_stage_requirement__by_school_year') }} as requirement
    on sections.stage = requirement.stage and sections.school_year = requirement.school_year
left join registers on sections.region_code = registers.region_code
left join backbone
    on
        sections.region_code = backbone.region_code
        and sections.school_year = backbone.school_year
        and sections.school_code = backbone.school_code
        and sections.stage = backbone.stage
left join rules on sections.school_year = rules.school_year
