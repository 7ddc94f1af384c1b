{{ config(materialized='table') }}

-- Full-time teachers of a section by what the roster says of them.
with teachers as (
    select
        assigned.school_code,
        assigned.school_year,
        assigned.stage,
        assigned.is_postgraduate,
        assigned.is_pe_art,
        assigned.qualification_rank,
        assigned.qualification_rank >= requirement.above_required_min_rank as is_above_required
    from {{ ref('int_teacher__section_assigned') }} as assigned
    left join {{ ref('int_stage_requirement__by_school_year') }} as requirement
        on assigned.stage = requirement.stage and assigned.school_year = requirement.school_year
    where assigned.is_full_time_teacher
)

select
    school_code,
    school_year,
    stage,
    cast(count(*) as bigint) as roster_ft_teacher_count,
    {{ count_if('is_above_required') }} as roster_above_required_count,
    {{ count_if('is_postgraduate') }} as roster_postgraduate_count,
    {{ count_if('is_pe_art') }} as roster_pe_art_count,
    {{ count_if('qualification_rank is null') }} as roster_unknown_qualification_count
from teachers
group by school_code, school_year, stage
