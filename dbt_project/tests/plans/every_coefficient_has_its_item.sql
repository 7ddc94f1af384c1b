-- An indicator that is a coefficient of variation has an item in the dispersion list for each of its stages.
select
    f.indicator_code,
    s.stage
from {{ ref('indicator_form') }} as f
inner join {{ ref('dim_indicator') }} as d on f.indicator_code = d.indicator_code
inner join {{ ref('stage_scope') }} as s on d.stage = s.stage_scope
left join {{ ref('dispersion_item') }} as i on f.indicator_code = i.indicator_code and s.stage = i.stage
where f.form = 'cv_weighted' and i.item_code is null
