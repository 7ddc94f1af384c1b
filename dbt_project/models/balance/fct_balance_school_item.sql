-- The gap is exact: decimals multiplied, then one quotient whose whole values are exact, rounded up to whole units.
with judged as (
    select
        m.region_code,
        m.school_year,
        m.school_code,
        m.stage,
        i.national_item,
        m.item_code,
        d.base_indicator as indicator_code,
        e.is_eligible,
        m.measure_value as amount,
        m.student_count,
        m.scale,
        v.value,
        t.threshold_value,
        u.unit_en as unit,
        case u.is_money when 'yes' then cast(1 as decimal(18, 2)) else cast(c.value as decimal(18, 2)) end
            as unit_cost_yuan,
        case
            when v.value is null or t.threshold_value is null then null
            when v.value >= cast(t.threshold_value as double) then true
            else false
        end as is_met,
        cast(cast(t.threshold_value as decimal(18, 6)) * m.student_count - m.measure_value * m.scale as double)
        / cast(m.scale as double) as lacking
    from {{ ref('int_section__measured') }} as m
    inner join {{ ref('dim_edition') }} as y on m.region_code = y.region_code and m.school_year = y.school_year
    inner join {{ ref('dispersion_item') }} as i
        on m.item_code = i.item_code and m.stage = i.stage and i.national_item is not null
    inner join {{ ref('dim_indicator') }} as d on i.indicator_code = d.indicator_code
    inner join {{ ref('int_balance_eligible') }} as e
        on m.school_code = e.school_code and m.stage = e.stage and m.school_year = e.school_year
    inner join {{ ref('balance_item') }} as u on m.item_code = u.item_code
    left join {{ ref('int_parameter__by_school_year') }} as c
        on m.school_year = c.school_year and u.unit_cost_parameter = c.parameter_code
    left join {{ ref('fct_indicator_value') }} as v
        on
            d.base_indicator = v.indicator_code
            and v.entity_type = 'section'
            and m.school_code || '/' || m.stage = v.entity_id
            and m.school_year = v.period_id
            and m.stage = v.stage
            and v.urban_rural = 'all'
    left join {{ ref('int_indicator_threshold') }} as t
        on
            m.region_code = t.region_code
            and m.school_year = t.period_id
            and d.base_indicator = t.indicator_code
            and m.stage = t.stage
            and t.judge = 'at_least'
),

measured as (
    select
        *,
        case when is_met then cast(0 as bigint) when not is_met then cast(ceil(lacking) as bigint) end as gap_units
    from judged
)

select
    region_code,
    school_year,
    school_code,
    stage,
    national_item,
    item_code,
    indicator_code,
    is_eligible,
    amount,
    student_count,
    scale,
    value,
    threshold_value,
    value / nullif(cast(threshold_value as double), 0) as attainment,
    case when is_met then 'met' when not is_met then 'not_met' else 'undecided' end as status,
    case
        when is_met is not null then null
        when student_count = 0 then 'no_pupils'
        when value is null then 'not_reported'
        else 'no_limit'
    end as reason,
    unit,
    gap_units,
    unit_cost_yuan,
    cast(gap_units * unit_cost_yuan as decimal(18, 2)) as gap_cost_yuan
from measured
