-- Items met and the verdict are the indicators' own; what is added here is what they mean for a section.
with stages as (
    select distinct stage
    from {{ ref('dispersion_item') }}
    where national_item is not null
),

editions as (
    select e.*
    from {{ ref('int_balance_eligible') }} as e
    inner join {{ ref('dim_edition') }} as y on e.region_code = y.region_code and e.school_year = y.school_year
    inner join stages as s on e.stage = s.stage
),

items as (
    select
        school_code,
        stage,
        school_year,
        cast(count(*) as integer) as item_count,
        cast(sum(case when status = 'undecided' then 0 else 1 end) as integer) as known_count,
        min(attainment) as lowest_attainment,
        cast(sum(gap_cost_yuan) as decimal(18, 2)) as gap_cost_yuan
    from {{ ref('fct_balance_school_item') }}
    group by school_code, stage, school_year
),

lowest as (
    select i.school_code, i.stage, i.school_year, min(i.item_code) as item_code
    from {{ ref('fct_balance_school_item') }} as i
    inner join items as l
        on
            i.school_code = l.school_code
            and i.stage = l.stage
            and i.school_year = l.school_year
            and i.attainment = l.lowest_attainment
    group by i.school_code, i.stage, i.school_year
),

verdicts as (
    select
        entity_id,
        stage,
        period_id,
        cast(max(case when indicator_code = 'res_items_met_count' then value end) as integer) as items_met_count,
        max(case when indicator_code = 'res_school_pass_6of7' then value end) as passes
    from {{ ref('fct_indicator_value') }}
    where
        indicator_code in ('res_items_met_count', 'res_school_pass_6of7')
        and entity_type = 'section'
        and urban_rural = 'all'
    group by entity_id, stage, period_id
)

select
    e.region_code,
    e.school_year,
    e.school_code,
    e.stage,
    e.student_count,
    e.is_eligible,
    e.exclusion_reason,
    i.item_count,
    i.known_count,
    v.items_met_count,
    i.lowest_attainment,
    l.item_code as lowest_item_code,
    case when v.passes = 1 then 'met' when v.passes = 0 then 'not_met' else 'undecided' end as status,
    case
        when v.passes is not null then null
        when e.student_count = 0 then 'no_pupils'
        when coalesce(i.known_count, 0) < coalesce(i.item_count, 1) then 'not_reported'
        else 'no_limit'
    end as reason,
    i.gap_cost_yuan
from editions as e
left join items as i on e.school_code = i.school_code and e.stage = i.stage and e.school_year = i.school_year
left join lowest as l on e.school_code = l.school_code and e.stage = l.stage and e.school_year = l.school_year
left join verdicts as v
    on e.school_code || '/' || e.stage = v.entity_id and e.stage = v.stage and e.school_year = v.period_id
