{# Leaf lines of one version added by project category; the plans by document and kind of amount. #}
with filed as (
    select
        region_code, fiscal_year, coalesce(project_category, '') as project_category,
        sum(case when budget_version = '年初预算' then amount_yuan end) as initial_budget_yuan,
        sum(case when budget_version = '调整预算' then amount_yuan end) as adjusted_budget_yuan,
        cast(null as decimal(38, 2)) as executed_yuan,
        cast(null as decimal(38, 2)) as final_yuan
    from {{ ref('fct_budget_line') }}
    where is_leaf and budget_version <> 'plan'
    group by region_code, fiscal_year, coalesce(project_category, '')
    union all
    select
        region_code, fiscal_year, coalesce(project_category, ''),
        null, null,
        sum(case when execution_kind = '执行' then amount_yuan end),
        sum(case when execution_kind = '决算' then amount_yuan end)
    from {{ ref('fct_budget_execution') }}
    where is_leaf
    group by region_code, fiscal_year, coalesce(project_category, '')
)

select
    e.region_code,
    e.school_year,
    f.fiscal_year,
    f.project_category,
    cast(null as varchar) as document_code,
    'budget' as fact_kind,
    cast(sum(f.initial_budget_yuan) as decimal(18, 2)) as initial_budget_yuan,
    cast(sum(f.adjusted_budget_yuan) as decimal(18, 2)) as adjusted_budget_yuan,
    cast(sum(f.executed_yuan) as decimal(18, 2)) as executed_yuan,
    cast(sum(f.final_yuan) as decimal(18, 2)) as final_yuan,
    cast(null as decimal(18, 2)) as plan_yuan,
    'A' as obs_status
from filed as f
inner join {{ ref('dim_edition') }} as e on f.region_code = e.region_code and f.fiscal_year = e.fiscal_year
group by e.region_code, e.school_year, f.fiscal_year, f.project_category
union all
select
    region_code,
    school_year,
    fiscal_year,
    document_name,
    document_code,
    fact_kind,
    cast(null as decimal(18, 2)),
    cast(null as decimal(18, 2)),
    cast(null as decimal(18, 2)),
    cast(null as decimal(18, 2)),
    cast(sum(amount_yuan) as decimal(18, 2)),
    'A'
from {{ ref('pub_budget_line') }}
where document_code is not null and is_leaf
group by region_code, school_year, fiscal_year, document_name, document_code, fact_kind
