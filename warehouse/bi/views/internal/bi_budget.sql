-- reads: fct_budget_line, fct_budget_execution, dim_region; for: county, research, accountability
with money as (
  select
    region_code,
    fiscal_year,
    unit_code,
    unit_name,
    project_category,
    project_name,
    function_code,
    economic_code,
    fund_source,
    stage,
    budget_version as money_kind,
    amount_yuan
  from fct_budget_line
  where is_leaf and fact_kind = 'budget'
  union all
  select
    region_code,
    fiscal_year,
    unit_code,
    unit_name,
    project_category,
    project_name,
    function_code,
    economic_code,
    fund_source,
    stage,
    execution_kind as money_kind,
    amount_yuan
  from fct_budget_execution
  where is_leaf
)

select
  m.region_code,
  r.region_name,
  m.fiscal_year,
  m.unit_code,
  m.unit_name,
  m.project_category,
  m.project_name,
  m.function_code,
  m.economic_code,
  m.fund_source,
  m.stage,
  m.money_kind,
  m.amount_yuan
from money as m
left join dim_region as r on r.region_code = m.region_code
