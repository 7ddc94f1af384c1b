select
    {{ surrogate_key(['submission_id', 'sheet_name', 'row_number']) }} as budget_execution_id,
    region_code,
    unit_code,
    unit_name,
    {{ surrogate_key(['region_code', "coalesce(project_name, '')"]) }} as project_key,
    coalesce(project_name, '') as project_name,
    project_category,
    function_code,
    economic_code,
    fund_source_code,
    fund_source,
    stage,
    fiscal_year,
    version_text as execution_kind,
    cast(amount_yuan as decimal(18, 2)) as amount_yuan,
    is_leaf,
    submission_id
from {{ ref('int_budget_file_line') }}
where line_source = 'execution'
