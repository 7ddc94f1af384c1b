{{ config(materialized='table') }}

-- The qualification that counts as above the required one, per stage, on the statistics date of each school year.
select
    years.school_year,
    requirement.stage,
    requirement.above_required_min_rank
from {{ ref('dim_school_year') }} as years
inner join {{ ref('stage_requirement') }} as requirement
    on
        years.statistics_date >= requirement.valid_from
        and years.statistics_date <= coalesce(requirement.valid_to, cast('9999-12-31' as date))
