{{ config(materialized='table') }}

-- The parameters in force on the statistics date of each school year.
select
    years.school_year,
    parameters.parameter_code,
    parameters.value,
    parameters.value_text
from {{ ref('dim_school_year') }} as years
inner join {{ ref('parameter') }} as parameters
    on
        years.statistics_date >= parameters.valid_from
        and years.statistics_date <= coalesce(parameters.valid_to, cast('9999-12-31' as date))
