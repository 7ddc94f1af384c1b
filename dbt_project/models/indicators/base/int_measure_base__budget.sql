{{ config(meta={'zone': 'restricted'}) }}
{# Lines of the finance files. Of two versions of a budget the adjusted one is current. #}
with lines as (
    select
        l.*,
        max(case when l.budget_version = '调整预算' then 1 else 0 end) over (
            partition by l.region_code, l.fiscal_year, l.unit_code
        ) as has_adjusted
    from {{ ref('fct_budget_line') }} as l
    where l.budget_version <> 'plan'
)

select
    l.region_code,
    'unit' as entity_type,
    cast(null as varchar) as school_code,
    l.unit_code as entity_id,
    'fiscal_year' as period_type,
    cast(l.fiscal_year as varchar) as period_id,
    coalesce(nullif(l.stage, ''), '_all') as stage,
    '_none' as urban_rural,
    '_all' as grade,
    '_all' as subject,
    '_all' as exam_id,
    '_all' as group_code,
    l.submission_id,
    l.stage as line_stage,
    l.project_category,
    l.project_name,
    s.fund_source_name,
    l.budget_version,
    l.function_code,
    l.economic_code,
    case when l.is_leaf then 'Y' else 'N' end as is_leaf,
    case when l.has_adjusted = case when l.budget_version = '调整预算' then 1 else 0 end then 'Y' else 'N' end
        as is_current_version,
    l.amount_yuan
from lines as l
left join {{ ref('fund_source') }} as s on l.fund_source_code = s.fund_source_code
