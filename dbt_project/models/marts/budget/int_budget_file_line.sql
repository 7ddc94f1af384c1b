{{ config(meta={'zone': 'restricted'}) }}
{# Lines of the finance files. A row is a leaf when no finer function code stands beside it. #}
with lines as (
    select
        region_code, fiscal_year, unit_code, unit_name, project_name, project_category,
        coalesce(nullif(function_code, ''), 'unknown') as function_code,
        coalesce(nullif(economic_code, ''), 'unknown') as economic_code,
        fund_source, stage, 'budget' as line_source, budget_version as version_text,
        amount_yuan, submission_id, sheet_name, row_number
    from {{ ref('stg_budget_lines__line') }}
    union all
    select
        region_code, fiscal_year, unit_code, unit_name, project_name, project_category,
        coalesce(nullif(function_code, ''), 'unknown'),
        coalesce(nullif(economic_code, ''), 'unknown'),
        fund_source, stage, 'execution', execution_kind,
        amount_yuan, submission_id, sheet_name, row_number
    from {{ ref('stg_budget_execution__line') }}
),

codes as (
    select distinct
        region_code, fiscal_year, line_source, version_text, unit_code, coalesce(project_name, '') as project,
        function_code
    from lines
),

-- Codes that have a finer one beside them. Asked of each line, it would be a search through all lines for each.
coarse as (
    select distinct
        c.region_code, c.fiscal_year, c.line_source, c.version_text, c.unit_code, c.project, c.function_code
    from codes as c
    inner join codes as f
        on
            c.region_code = f.region_code
            and c.fiscal_year = f.fiscal_year
            and c.line_source = f.line_source
            and c.version_text = f.version_text
            and c.unit_code = f.unit_code
            and c.project = f.project
            and c.function_code <> f.function_code
            and f.function_code like c.function_code || '%'
    where c.function_code <> 'unknown'
)

select
    l.*,
    coalesce(s.fund_source_code, case when coalesce(l.fund_source, '') = '' then 'unknown' else 'other' end)
        as fund_source_code,
    coarse.function_code is null as is_leaf
from lines as l
left join coarse
    on
        l.region_code = coarse.region_code
        and l.fiscal_year = coarse.fiscal_year
        and l.line_source = coarse.line_source
        and l.version_text = coarse.version_text
        and l.unit_code = coarse.unit_code
        and coalesce(l.project_name, '') = coarse.project
        and l.function_code = coarse.function_code
left join {{ ref('fund_source') }} as s
    on l.fund_source = s.fund_source_name or ';' || coalesce(s.aliases, '') || ';' like '%;' || l.fund_source || ';%'
