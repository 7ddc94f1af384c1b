-- A combined school reports one row per stage; its attributes are those of its lowest stage.
with ranked as (
    select
        sections.*,
        row_number() over (
            partition by sections.school_code, sections.school_year
            order by stages.sort_order nulls last, sections.submission_id, sections.row_number
        ) as section_no
    from {{ ref('stg_school_report__section') }} as sections
    left join {{ ref('stage') }} as stages on sections.stage = stages.stage
)

select
    {{ surrogate_key(['ranked.school_code', 'ranked.school_year']) }} as school_key,
    ranked.school_code,
    ranked.school_year,
    ranked.region_code,
    ranked.school_name,
    ranked.school_type_code,
    coalesce(types.school_type, '未列类型') as school_type,
    coalesce(types.is_combined, false) as is_combined,
    coalesce(types.is_teaching_point, false) as is_teaching_point,
    ranked.urban_rural_code,
    codes.urban_rural,
    codes.is_urban,
    codes.scheme as urban_rural_scheme,
    ranked.ownership,
    former.former_names,
    ranked.school_role,
    ranked.school_group,
    ranked.school_district,
    ranked.parent_school_code,
    {{ is_yes('ranked.boarding_school') }} as is_boarding,
    ranked.submission_id
from ranked
left join {{ ref('school_type') }} as types on ranked.school_type_code = types.school_type_code
left join {{ ref('int_region__urban_rural_coded') }} as codes
    on
        ranked.region_code = codes.region_code
        and ranked.school_year = codes.school_year
        and ranked.urban_rural_code = codes.urban_rural_code
left join {{ ref('int_school__formerly_named') }} as former
    on
        ranked.school_code = former.school_code
        and {{ school_year_start('ranked.school_year') }} = former.start_year
where ranked.section_no = 1
