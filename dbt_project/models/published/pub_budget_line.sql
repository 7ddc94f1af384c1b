{# The region's own lines of the edition's fiscal year, and those of the plans that bind it. #}
select
    e.region_code,
    e.school_year,
    l.budget_line_id as line_id,
    cast(null as varchar) as document_code,
    cast(null as varchar) as document_name,
    l.unit_name,
    l.project_category,
    l.project_name,
    l.line_name,
    l.function_code,
    l.economic_code,
    l.fund_source_code as fund_source,
    l.stage,
    l.fiscal_year,
    l.period_text,
    l.budget_version,
    l.fact_kind,
    l.is_leaf,
    l.amount_yuan,
    'A' as obs_status
from {{ ref('fct_budget_line') }} as l
inner join {{ ref('dim_edition') }} as e on l.region_code = e.region_code and l.fiscal_year = e.fiscal_year
where l.budget_version <> 'plan'
union all
select
    d.region_code,
    d.school_year,
    l.budget_line_id,
    l.document_code,
    d.document_name,
    l.unit_name,
    l.project_category,
    l.project_name,
    l.line_name,
    l.function_code,
    l.economic_code,
    l.fund_source_code,
    l.stage,
    l.fiscal_year,
    l.period_text,
    l.budget_version,
    l.fact_kind,
    l.is_leaf,
    l.amount_yuan,
    'A'
from {{ ref('fct_budget_line') }} as l
inner join {{ ref('int_edition_document') }} as d on l.document_code = d.document_code
where
    coalesce(l.fiscal_year, d.fiscal_year) = d.fiscal_year
    and coalesce(extract(year from l.period_start), d.fiscal_year) <= d.fiscal_year
    and coalesce(extract(year from l.period_end), d.fiscal_year) >= d.fiscal_year
