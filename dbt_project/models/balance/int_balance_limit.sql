-- What the national method itself asks, by single stage: its standards and its targets in force on the snapshot.
with national as (
    select
        e.region_code,
        e.school_year,
        n.indicator_code,
        n.stage,
        n.judge,
        cast(n.standard_value as decimal(24, 6)) as limit_value,
        n.legal_basis as limit_source
    from {{ ref('dim_edition') }} as e
    inner join {{ ref('national_standard') }} as n
        on
            e.statistics_date >= cast(n.valid_from as date)
            and e.statistics_date <= cast(coalesce(n.valid_to, '9999-12-31') as date)
    union all
    select
        e.region_code,
        e.school_year,
        t.indicator_code,
        s.stage,
        case t.judge when 'all_entities' then 'at_least' else t.judge end as judge,
        t.target_value,
        t.target_id
    from {{ ref('dim_edition') }} as e
    inner join {{ ref('dim_plan_binding') }} as b
        on e.region_code = b.region_code and e.as_of_date >= b.valid_from and e.statistics_date <= b.valid_to
    inner join {{ ref('dim_policy_document') }} as d on b.document_code = d.document_code and d.is_national
    inner join {{ ref('dim_target') }} as t
        on
            b.document_code = t.document_code
            and t.urban_rural = 'all'
            and t.judge in ('at_least', 'at_most', 'all_entities')
            and e.statistics_date between t.period_start and t.period_end
    inner join {{ ref('stage_scope') }} as s on t.stage = s.stage_scope
)

select
    region_code,
    school_year,
    indicator_code,
    stage,
    judge,
    case judge when 'at_most' then min(limit_value) else max(limit_value) end as limit_value,
    min(limit_source) as limit_source
from national
group by region_code, school_year, indicator_code, stage, judge
