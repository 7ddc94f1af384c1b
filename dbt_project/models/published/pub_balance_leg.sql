{# Legs of the balance assessment that may be published. What the indicator table hides is hidden here. #}
select
    b.region_code,
    b.school_year,
    b.leg_id,
    b.stage,
    b.sort_order,
    b.leg_group,
    b.name_zh,
    b.name_en,
    b.indicator_code,
    b.period_id,
    b.comparison,
    case when coalesce(c.is_hidden, false) then null else b.value end as value,
    b.limit_value,
    b.status,
    b.reason,
    b.entity_count,
    b.met_count,
    b.not_met_count,
    b.undecided_count,
    b.limit_source,
    b.legal_basis,
    case
        when b.value is not null and coalesce(c.is_hidden, false) then 'c'
        when b.value is not null or b.entity_count is not null then 'A'
        else 'M'
    end as obs_status
from {{ ref('fct_balance_leg') }} as b
left join {{ ref('dim_indicator') }} as i on b.indicator_code = i.indicator_code
left join {{ ref('int_published_value') }} as c
    on
        b.region_code = c.region_code
        and b.school_year = c.school_year
        and b.indicator_code = c.indicator_code
        and b.stage = c.stage
        and c.urban_rural = 'all'
        and c.entity_type = 'county'
where coalesce(i.zone, 'published') = 'published'
