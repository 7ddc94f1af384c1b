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
)

select
    l.*,
    coalesce(s.fund_source_code, case when coalesce(l.fund_source, '') = '' then 'unknown' else 'other' end)
        as fund_source_code,
    not exists (
        select 1
        from lines as f
        where
            f.region_code = l.region_code
            and f.fiscal_year = l.fiscal_year
            and f.line_source = l.line_source
            and f.version_text = l.version_text
            and f.unit_code = l.unit_code
            and coalesce(f.project_name, '') = coalesce(l.project_name, '')
            and f.function_code <> l.function_code
            and l.function_code <> 'unknown'
            and f.function_code like l.function_code || '%'
    ) as is_leaf
from lines as l
left join {{ ref('fund_source') }} as s
    on l.fund_source = s.fund_source_name or ';' || coalesce(s.aliases, '') || ';' like '%;' || l.fund_source || ';%'
