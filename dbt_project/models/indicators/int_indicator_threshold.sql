{{ config(meta={'zone': 'restricted'}) }}
{# The strictest value that binds a region's snapshot, for each indicator and single stage: a standing target of its
   plans, or the national standard in force. #}
with bound as (
    select e.region_code, e.school_year, t.indicator_code, s.stage, t.judge, t.target_value
    from {{ ref('dim_edition') }} as e
    inner join {{ ref('dim_plan_binding') }} as b
        on e.region_code = b.region_code and e.as_of_date >= b.valid_from and e.statistics_date <= b.valid_to
    inner join {{ ref('dim_target') }} as t on b.document_code = t.document_code
    inner join {{ ref('stage_scope') }} as s on t.stage = s.stage_scope
    where
        t.judge in ('at_least', 'at_most')
        and t.urban_rural = 'all'
        and e.statistics_date between t.period_start and t.period_end
    union all
    select
        e.region_code, e.school_year, n.indicator_code, n.stage, n.judge,
        cast(n.standard_value as decimal(24, 6))
    from {{ ref('dim_edition') }} as e
    inner join {{ ref('national_standard') }} as n
        on
            e.statistics_date >= cast(n.valid_from as date)
            and e.statistics_date <= cast(coalesce(n.valid_to, '9999-12-31') as date)
)

select
    region_code,
    school_year as period_id,
    indicator_code,
    stage,
    judge,
    case when judge = 'at_most' then min(target_value) else max(target_value) end as threshold_value
from bound
group by region_code, school_year, indicator_code, stage, judge
