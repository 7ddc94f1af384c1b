{{ config(materialized='table') }}

-- Urban or rural for each school that sat an exam: from its report of that year, else the nearest earlier, else later.
with sat as (
    select
        school_code,
        school_year
    from {{ ref('int_exam_school__summed') }}
    group by school_code, school_year
),

ranked as (
    select
        sat.school_code,
        sat.school_year,
        schools.is_urban,
        row_number() over (
            partition by sat.school_code, sat.school_year
            order by
                case when schools.school_year <= sat.school_year then 0 else 1 end,
                abs({{ school_year_start('schools.school_year') }} - {{ school_year_start('sat.school_year') }})
        ) as choice
    from sat
    left join {{ ref('dim_school') }} as schools on sat.school_code = schools.school_code
)

select
    school_code,
    school_year,
    case when is_urban then 'urban' when not is_urban then 'rural' else 'unknown' end as urban_rural_group
from ranked
where choice = 1
