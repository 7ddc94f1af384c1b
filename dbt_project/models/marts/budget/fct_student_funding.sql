-- Small schools are funded as if they had the pupils of the floor; pupils are those of the snapshot before the year.
with floors as (
    select
        cast(years.fiscal_year as integer) as fiscal_year,
        cast(parameters.value as integer) as floor_student_count
    from {{ ref('int_parameter__by_school_year') }} as parameters
    inner join {{ ref('dim_school_year') }} as years on parameters.school_year = years.school_year
    where parameters.parameter_code = 'fund_floor_students'
),

snapshots as (
    select
        school_code,
        stage,
        {{ school_year_start('school_year') }} as start_year,
        student_count
    from {{ ref('fct_school_resource_snapshot') }}
),

months as (
    select
        max(case when parameter = 'average_students_prior_months' then cast(value_num as integer) end) as prior_months,
        max(case when parameter = 'average_students_current_months' then cast(value_num as integer) end)
            as current_months
    from {{ ref('plan_parameter') }}
)

select
    src.region_code,
    src.fiscal_year,
    schools.school_key,
    src.school_code,
    src.stage,
    schools.urban_rural,
    schools.is_urban,
    schools.ownership,
    schools.school_type,
    src.funded_student_count,
    src.quota_yuan,
    src.allocated_yuan,
    src.budget_yuan,
    src.training_budget_yuan,
    earlier.student_count,
    case
        when earlier.student_count < floors.floor_student_count then floors.floor_student_count
        else earlier.student_count
    end as entitled_student_count,
    cast(
        (earlier.student_count * months.prior_months + present.student_count * months.current_months) * 1.0
        / (months.prior_months + months.current_months) as decimal(18, 4)
    ) as average_student_count,
    earlier.student_count >= floors.floor_student_count
    or src.allocated_yuan >= floors.floor_student_count * src.quota_yuan as is_floor_met,
    src.submission_id
from {{ ref('stg_public_funds__section') }} as src
cross join months
left join floors on src.fiscal_year = floors.fiscal_year
left join snapshots as earlier
    on src.school_code = earlier.school_code and src.stage = earlier.stage and src.fiscal_year - 1 = earlier.start_year
left join snapshots as present
    on src.school_code = present.school_code and src.stage = present.stage and src.fiscal_year = present.start_year
left join {{ ref('int_school__by_calendar_year') }} as schools
    on src.school_code = schools.school_code and src.fiscal_year = schools.calendar_year
