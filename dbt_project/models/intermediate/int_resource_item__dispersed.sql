{{ config(materialized='table') }}

-- X_i = x_i / P_i; X = sum(x) / sum(P), the county's ratio; S = sqrt(sum(P_i / P * (X_i - X)^2)); CV = S / X.
-- A section without pupils, or not eligible, is left out and counted. A missing figure is never zero: it blocks all.
with eligible as (
    select
        *,
        cast(measure_value as double) * scale as scaled_value,
        case when measure_value is null or student_count is null then 1 else 0 end as is_missing
    from {{ ref('int_section__measured') }}
    where is_eligible and (student_count is null or student_count > 0)
),

left_out as (
    select
        region_code,
        school_year,
        stage,
        item_code,
        cast(count(*) as integer) as n_left_out
    from {{ ref('int_section__measured') }}
    where student_count = 0 or not is_eligible
    group by region_code, school_year, stage, item_code
),

county as (
    select
        region_code,
        school_year,
        stage,
        item_code,
        cast(count(*) as integer) as n_schools,
        cast(sum(is_missing) as integer) as n_missing,
        cast(sum(student_count) as bigint) as weight_sum,
        {{ exact_sum('scaled_value', 10) }} * 1.0 / nullif(sum(student_count), 0) as mean_value
    from eligible
    group by region_code, school_year, stage, item_code
),

deviations as (
    select
        eligible.region_code,
        eligible.school_year,
        eligible.stage,
        eligible.item_code,
        eligible.student_count
        * (eligible.scaled_value * 1.0 / nullif(eligible.student_count, 0) - county.mean_value)
        * (eligible.scaled_value * 1.0 / nullif(eligible.student_count, 0) - county.mean_value) as weighted_square
    from eligible
    inner join county
        on
            eligible.region_code = county.region_code
            and eligible.school_year = county.school_year
            and eligible.stage = county.stage
            and eligible.item_code = county.item_code
),

spread as (
    select
        region_code,
        school_year,
        stage,
        item_code,
        {{ exact_sum('weighted_square', 15) }} as square_sum
    from deviations
    group by region_code, school_year, stage, item_code
)

select
    county.region_code,
    county.school_year,
    county.stage,
    county.item_code,
    county.n_schools,
    county.weight_sum,
    case when county.n_missing = 0 then county.mean_value end as mean_value,
    case when county.n_missing = 0 then sqrt(spread.square_sum * 1.0 / nullif(county.weight_sum, 0)) end as sd_value,
    case
        when county.n_missing = 0
            then sqrt(spread.square_sum * 1.0 / nullif(county.weight_sum, 0)) / nullif(county.mean_value, 0)
    end as cv_value,
    county.n_missing,
    coalesce(left_out.n_left_out, 0) as n_left_out,
    case
        when county.n_missing > 0 then 'missing_values'
        when county.mean_value = 0 then 'undefined'
        when county.n_schools = 1 then 'single_school'
        else 'ok'
    end as status
from county
inner join spread
    on
        county.region_code = spread.region_code
        and county.school_year = spread.school_year
        and county.stage = spread.stage
        and county.item_code = spread.item_code
left join left_out
    on
        county.region_code = left_out.region_code
        and county.school_year = left_out.school_year
        and county.stage = left_out.stage
        and county.item_code = left_out.item_code
