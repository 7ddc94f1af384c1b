{# The same money named again elsewhere in a document: linked to the line that counts, never added. #}
select
    m.fact_id as mention_id,
    m.duplicate_of_fact_id as budget_line_id,
    m.document_code,
    m.region_code,
    m.project_name,
    m.line_name,
    cast(m.amount_yuan as decimal(18, 2)) as mention_yuan,
    l.amount_yuan as line_yuan,
    m.evidence
from {{ ref('budget_facts') }} as m
inner join {{ ref('fct_budget_line') }} as l on m.duplicate_of_fact_id = l.budget_line_id
where m.duplicate_of_fact_id <> ''
