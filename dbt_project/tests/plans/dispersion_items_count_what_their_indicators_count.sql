-- A coefficient and the ratio it spreads around are counted on two ways, from sections and from terms: where every
-- section is assessed, the county's ratio of the item is that of its indicator.
select
    d.region_code,
    d.school_year,
    d.stage,
    d.item_code,
    d.mean_value,
    v.value
from {{ ref('int_resource_item__dispersed') }} as d
inner join {{ ref('dispersion_item') }} as i on d.item_code = i.item_code and d.stage = i.stage
inner join {{ ref('dim_indicator') }} as n on i.indicator_code = n.indicator_code
inner join {{ ref('int_indicator_value') }} as v
    on
        n.base_indicator = v.indicator_code
        and d.region_code = v.region_code
        and d.school_year = v.period_id
        and d.stage = v.stage
        and v.entity_type = 'county'
        and v.urban_rural = 'all'
where d.n_left_out = 0 and abs(d.mean_value - v.value) > 0.000000001 * d.mean_value
