{{ config(materialized='table') }}

-- What a school was in a calendar year: its report of the school year that began in it, else the newest before it, else
-- the first after. Money and city lists come by calendar year, reports by school year.
with starts as (
    select
        schools.*,
        {{ school_year_start('schools.school_year') }} as start_year
    from {{ ref('dim_school') }} as schools
),

chosen as (
    select
        starts.school_code,
        years.fiscal_year as calendar_year,
        coalesce(
            max(case when starts.start_year <= years.fiscal_year then starts.start_year end),
            min(starts.start_year)
        ) as start_year
    from starts
    cross join {{ ref('dim_fiscal_year') }} as years
    group by starts.school_code, years.fiscal_year
)

select
    chosen.school_code,
    chosen.calendar_year,
    starts.school_key,
    starts.school_year,
    starts.urban_rural,
    starts.is_urban,
    starts.ownership,
    starts.school_type
from chosen
inner join starts on chosen.school_code = starts.school_code and chosen.start_year = starts.start_year
