-- Every leg of an edition with the scope it is judged in and its limits: the national method's, and the strictest
-- that the region's own plans set.
with scoped as (
    select l.*, l.stage_scope as stage
    from {{ ref('balance_leg') }} as l
    where l.is_by_stage = 'no'
    union all
    select l.*, s.stage
    from {{ ref('balance_leg') }} as l
    inner join {{ ref('stage_scope') }} as s on l.stage_scope = s.stage_scope
    where l.is_by_stage = 'yes'
),

legs as (
    select
        e.region_code,
        e.school_year,
        l.*,
        p.period_type,
        p.period_id,
        case l.comparison when 'at_least' then 'at_least' else 'at_most' end as judge
    from {{ ref('dim_edition') }} as e
    cross join scoped as l
    inner join {{ ref('int_edition_indicator') }} as p
        on e.region_code = p.region_code and e.school_year = p.school_year and l.indicator_code = p.indicator_code
),

-- The limit of a scope of several stages is the strictest of them.
limits as (
    select
        l.region_code,
        l.school_year,
        l.leg_id,
        l.stage,
        case max(l.judge) when 'at_most' then min(n.limit_value) else max(n.limit_value) end as limit_value,
        min(n.limit_source) as limit_source,
        case max(l.judge) when 'at_most' then min(t.threshold_value) else max(t.threshold_value) end
            as binding_limit_value
    from legs as l
    inner join {{ ref('stage_scope') }} as s on l.stage = s.stage_scope
    left join {{ ref('int_balance_limit') }} as n
        on
            l.region_code = n.region_code
            and l.school_year = n.school_year
            and l.indicator_code = n.indicator_code
            and l.judge = n.judge
            and s.stage = n.stage
    left join {{ ref('int_indicator_threshold') }} as t
        on
            l.region_code = t.region_code
            and l.school_year = t.period_id
            and l.indicator_code = t.indicator_code
            and l.judge = t.judge
            and s.stage = t.stage
    group by l.region_code, l.school_year, l.leg_id, l.stage
)

select
    l.region_code,
    l.school_year,
    l.leg_id,
    l.stage,
    cast(l.sort_order as integer) as sort_order,
    l.leg_group,
    l.name_zh,
    l.name_en,
    l.indicator_code,
    l.period_type,
    l.period_id,
    l.level,
    l.comparison,
    l.ownership,
    l.absent,
    coalesce(l.population, case when l.is_by_stage = 'yes' then l.stage end) as population,
    l.needs_declaration,
    l.legal_basis,
    coalesce(x.limit_value, x.binding_limit_value) as limit_value,
    case when x.limit_value is null and x.binding_limit_value is not null then 'plan' else x.limit_source end
        as limit_source,
    x.binding_limit_value
from legs as l
inner join limits as x
    on
        l.region_code = x.region_code
        and l.school_year = x.school_year
        and l.leg_id = x.leg_id
        and l.stage = x.stage
