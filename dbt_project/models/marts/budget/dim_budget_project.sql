with projects as (
    select
        region_code,
        project_name,
        min(document_code) as document_code,
        cast(null as varchar) as project_category,
        min(cast(nullif(period_start, '') as date)) as starts_on,
        max(cast(nullif(period_end, '') as date)) as ends_on
    from {{ ref('budget_facts') }}
    group by region_code, project_name
    union all
    select
        region_code,
        coalesce(project_name, ''),
        cast(null as varchar),
        min(project_category),
        cast(min(fiscal_year) || '-01-01' as date),
        cast(max(fiscal_year) || '-12-31' as date)
    from {{ ref('int_budget_file_line') }}
    group by region_code, coalesce(project_name, '')
)

select
    {{ surrogate_key(['region_code', 'project_name']) }} as project_key,
    region_code,
    project_name,
    min(document_code) as document_code,
    min(project_category) as project_category,
    min(starts_on) as starts_on,
    max(ends_on) as ends_on
from projects
group by region_code, project_name
