{# Unit standards: money per pupil, per school. They are prices, never added up. #}
select
    fact_id as quota_id,
    document_code,
    region_code,
    project_name,
    line_name as quota_name,
    cast(amount_yuan as decimal(18, 2)) as quota_yuan,
    fund_source_code,
    period_text,
    cast(nullif(cast(period_start as varchar), '') as date) as period_start,
    cast(nullif(cast(period_end as varchar), '') as date) as period_end,
    evidence
from {{ ref('budget_facts') }}
where fact_kind = 'unit_standard'
