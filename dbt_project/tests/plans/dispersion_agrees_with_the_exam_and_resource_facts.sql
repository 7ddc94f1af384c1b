-- The coefficients of the indicators are computed from terms, those of the facts from sections: two ways, one figure.
select
    d.region_code,
    d.school_year,
    d.stage,
    d.item_code,
    d.cv_value,
    v.value
from {{ ref('fct_between_school_dispersion') }} as d
inner join {{ ref('dispersion_item') }} as i on d.item_code = i.item_code and d.stage = i.stage
inner join {{ ref('int_indicator_value') }} as v
    on
        i.indicator_code = v.indicator_code
        and d.region_code = v.region_code
        and d.school_year = v.period_id
        and d.stage = v.stage
        and v.entity_type = 'county'
where d.kind = 'cv_weighted' and abs(d.cv_value - v.value) > 0.000000001
