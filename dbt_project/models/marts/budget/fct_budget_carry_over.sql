-- What a year's first budget brings forward, beside what the year before had left: nothing can be carried over that was
-- not left.
with carried as (
    select
        region_code,
        fiscal_year,
        unit_code,
        project_key,
        min(project_name) as project_name,
        sum(amount_yuan) as carried_yuan,
        min(submission_id) as submission_id
    from {{ ref('fct_budget_line') }}
    where fund_source_code = 'carried' and budget_version = '年初预算' and fact_kind = 'budget' and is_leaf
    group by region_code, fiscal_year, unit_code, project_key
),

budgeted as (
    select
        region_code,
        fiscal_year,
        unit_code,
        project_key,
        sum(case when budget_version = '调整预算' then amount_yuan end) as adjusted_yuan,
        sum(case when budget_version = '年初预算' then amount_yuan end) as initial_yuan
    from {{ ref('fct_budget_line') }}
    where fact_kind = 'budget' and is_leaf
    group by region_code, fiscal_year, unit_code, project_key
),

executed as (
    select
        region_code,
        fiscal_year,
        unit_code,
        project_key,
        sum(case when execution_kind = '决算' then amount_yuan end) as final_yuan,
        sum(case when execution_kind = '执行' then amount_yuan end) as paid_yuan
    from {{ ref('fct_budget_execution') }}
    where is_leaf
    group by region_code, fiscal_year, unit_code, project_key
)

select
    {{ surrogate_key(['carried.region_code', 'carried.fiscal_year', 'carried.unit_code', 'carried.project_key']) }}
        as budget_carry_over_key,
    carried.region_code,
    carried.fiscal_year,
    carried.unit_code,
    carried.project_key,
    carried.project_name,
    cast(coalesce(budgeted.adjusted_yuan, budgeted.initial_yuan) as decimal(18, 2)) as budget_before_yuan,
    cast(coalesce(executed.final_yuan, executed.paid_yuan) as decimal(18, 2)) as spent_before_yuan,
    cast(
        coalesce(budgeted.adjusted_yuan, budgeted.initial_yuan) - coalesce(executed.final_yuan, executed.paid_yuan)
        as decimal(18, 2)
    ) as left_before_yuan,
    cast(carried.carried_yuan as decimal(18, 2)) as carried_yuan,
    carried.submission_id
from carried
left join budgeted
    on
        carried.region_code = budgeted.region_code
        and carried.fiscal_year - 1 = budgeted.fiscal_year
        and carried.unit_code = budgeted.unit_code
        and carried.project_key = budgeted.project_key
left join executed
    on
        carried.region_code = executed.region_code
        and carried.fiscal_year - 1 = executed.fiscal_year
        and carried.unit_code = executed.unit_code
        and carried.project_key = executed.project_key
