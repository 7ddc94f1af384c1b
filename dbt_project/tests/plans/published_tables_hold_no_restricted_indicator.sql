-- Nothing of an internal or restricted indicator, and no exam result, reaches a published table.
select p.indicator_code
from {{ ref('pub_indicator_value') }} as p
inner join {{ ref('dim_indicator') }} as i on p.indicator_code = i.indicator_code
where i.zone <> 'published' or (p.entity_type <> 'county' and i.disclosure <> 'institutional')
union all
select t.indicator_code
from {{ ref('pub_target_tracking') }} as t
inner join {{ ref('dim_indicator') }} as i on t.indicator_code = i.indicator_code
inner join {{ ref('dim_target') }} as d on t.target_id = d.target_id
where i.zone <> 'published' or not d.is_published
