{{ config(meta={'zone': 'restricted'}) }}
{# The stages an indicator is computed for: the catalogue's own, each single stage in it, and those its targets name. #}
select i.indicator_code, i.stage as stage_scope, true as is_own
from {{ ref('dim_indicator') }} as i
union
select i.indicator_code, s.stage, false
from {{ ref('dim_indicator') }} as i
inner join {{ ref('stage_scope') }} as s on i.stage = s.stage_scope
where s.stage <> i.stage and s.stage <> '_all'
union
select t.indicator_code, t.stage, false
from {{ ref('dim_target') }} as t
inner join {{ ref('dim_indicator') }} as i on t.indicator_code = i.indicator_code
where
    t.stage <> i.stage
    and not exists (
        select 1 from {{ ref('stage_scope') }} as s
        where s.stage_scope = i.stage and s.stage = t.stage and s.stage <> '_all'
    )
