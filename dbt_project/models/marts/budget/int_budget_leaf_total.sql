{{ config(meta={'zone': 'restricted'}) }}
{# The only place where budget lines are added: leaves of one kind, version and period. #}
select
    region_code,
    document_code,
    budget_version,
    fact_kind,
    period_text,
    fiscal_year,
    cast(sum(amount_yuan) as decimal(38, 2)) as amount_yuan,
    count(*) as line_count
from {{ ref('fct_budget_line') }}
where is_leaf
group by region_code, document_code, budget_version, fact_kind, period_text, fiscal_year
