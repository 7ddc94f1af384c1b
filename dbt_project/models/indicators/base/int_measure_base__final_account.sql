{{ config(meta={'zone': 'restricted'}) }}
{# The final account of education: function class 205. #}
select
    x.region_code,
    'unit' as entity_type,
    cast(null as varchar) as school_code,
    x.unit_code as entity_id,
    'fiscal_year' as period_type,
    cast(x.fiscal_year as varchar) as period_id,
    coalesce(nullif(x.stage, ''), '_all') as stage,
    '_none' as urban_rural,
    '_all' as grade,
    '_all' as subject,
    '_all' as exam_id,
    '_all' as group_code,
    x.submission_id,
    x.stage as line_stage,
    x.project_category,
    x.project_name,
    s.fund_source_name,
    x.function_code,
    x.economic_code,
    case when x.is_leaf then 'Y' else 'N' end as is_leaf,
    x.amount_yuan
from {{ ref('fct_budget_execution') }} as x
left join {{ ref('fund_source') }} as s on x.fund_source_code = s.fund_source_code
where x.execution_kind = '决算' and x.function_code like '205%'
