{# Money that is planned or budgeted: facts of the plans (version `plan`) and lines of the finance files. #}
with planned as (
    select
        fact_id as budget_line_id,
        region_code,
        document_code,
        '' as unit_code,
        coalesce(budget_unit_name, '') as unit_name,
        project_name,
        cast(null as varchar) as project_category,
        line_name,
        'unknown' as function_code,
        'unknown' as economic_code,
        fund_source_code,
        cast(null as varchar) as fund_source,
        cast(null as varchar) as stage,
        cast(nullif(cast(fiscal_year as varchar), '') as integer) as fiscal_year,
        period_text,
        cast(nullif(cast(period_start as varchar), '') as date) as period_start,
        cast(nullif(cast(period_end as varchar), '') as date) as period_end,
        'plan' as budget_version,
        fact_kind,
        cast(amount_yuan as decimal(18, 2)) as amount_yuan,
        is_leaf = 'Y' as is_leaf,
        nullif(parent_fact_id, '') as parent_line_id,
        nullif(column_parent_fact_id, '') as column_parent_line_id,
        cast(null as varchar) as submission_id
    from {{ ref('budget_facts') }}
    where fact_kind <> 'unit_standard' and coalesce(duplicate_of_fact_id, '') = ''
),

filed as (
    select
        {{ surrogate_key(['submission_id', 'sheet_name', 'row_number']) }} as budget_line_id,
        region_code,
        cast(null as varchar) as document_code,
        unit_code,
        unit_name,
        coalesce(project_name, '') as project_name,
        project_category,
        coalesce(project_name, '') as line_name,
        function_code,
        economic_code,
        fund_source_code,
        fund_source,
        stage,
        fiscal_year,
        cast(fiscal_year as varchar) as period_text,
        cast(fiscal_year || '-01-01' as date) as period_start,
        cast(fiscal_year || '-12-31' as date) as period_end,
        version_text as budget_version,
        'budget' as fact_kind,
        cast(amount_yuan as decimal(18, 2)) as amount_yuan,
        is_leaf,
        cast(null as varchar) as parent_line_id,
        cast(null as varchar) as column_parent_line_id,
        submission_id
    from {{ ref('int_budget_file_line') }}
    where line_source = 'budget'
)

select
    *,
    {{ surrogate_key(['region_code', 'project_name']) }} as project_key
from (
    select * from planned
    union all
    select * from filed
) as lines
