{{ config(meta={'zone': 'restricted'}) }}
{# The strictest standing target that binds a region's snapshot, for each indicator and single stage. #}
select
    e.region_code,
    e.school_year as period_id,
    t.indicator_code,
    s.stage,
    t.judge,
    case when t.judge = 'at_most' then min(t.target_value) else max(t.target_value) end as threshold_value
from {{ ref('dim_edition') }} as e
inner join {{ ref('dim_plan_binding') }} as b
    on e.region_code = b.region_code and e.as_of_date >= b.valid_from and e.statistics_date <= b.valid_to
inner join {{ ref('dim_target') }} as t on b.document_code = t.document_code
inner join {{ ref('stage_scope') }} as s on t.stage = s.stage_scope
where
    t.judge in ('at_least', 'at_most')
    and t.urban_rural = 'all'
    and e.statistics_date between t.period_start and t.period_end
group by e.region_code, e.school_year, t.indicator_code, s.stage, t.judge
