-- Lines of the finance files with what the terms filter on. Of two versions of a budget the adjusted one is current.
with lines as (
    select
        *,
        max(case when version_text = '调整预算' then 1 else 0 end) over (
            partition by region_code, fiscal_year, unit_code, line_source
        ) as has_adjusted
    from {{ ref('int_budget_file_line') }}
)

select
    lines.region_code,
    cast(lines.fiscal_year as varchar) as period_id,
    cast(null as varchar) as school_code,
    coalesce(nullif(lines.stage, ''), '_all') as stage,
    lines.unit_code as entity_id,
    '_none' as urban_rural,
    '_all' as grade,
    '_all' as subject,
    '_all' as exam_id,
    lines.line_source,
    lines.version_text,
    lines.version_text as budget_version,
    lines.project_category,
    lines.project_name,
    sources.fund_source_name,
    lines.function_code,
    lines.economic_code,
    lines.stage as line_stage,
    case when lines.is_leaf then 'Y' else 'N' end as is_leaf,
    case when lines.has_adjusted = case when lines.version_text = '调整预算' then 1 else 0 end then 'Y' else 'N' end
        as is_current_version,
    lines.amount_yuan,
    lines.submission_id,
    lines.sheet_name,
    lines.row_number,
    cast(null as varchar) as column_letter
from lines
left join {{ ref('fund_source') }} as sources on lines.fund_source_code = sources.fund_source_code
