-- Units of the finance files: the name is that of the newest year.
with ranked as (
    select
        lines.region_code,
        lines.unit_code,
        lines.unit_name,
        lines.fiscal_year,
        min(lines.fiscal_year) over (partition by lines.region_code, lines.unit_code) as first_fiscal_year,
        row_number() over (
            partition by lines.region_code, lines.unit_code
            order by lines.fiscal_year desc nulls last, lines.unit_name asc
        ) as choice
    from {{ ref('int_budget_file_line') }} as lines
),

-- The unit above, as the newest budget says it.
parents as (
    select
        region_code,
        unit_code,
        parent_unit_code,
        row_number() over (
            partition by region_code, unit_code
            order by fiscal_year desc nulls last, parent_unit_code asc
        ) as choice
    from {{ ref('stg_budget_lines__line') }}
    where parent_unit_code is not null and parent_unit_code <> unit_code
)

select
    {{ surrogate_key(['ranked.region_code', 'ranked.unit_code']) }} as budget_unit_key,
    ranked.region_code,
    ranked.unit_code,
    ranked.unit_name,
    parents.parent_unit_code,
    ranked.first_fiscal_year,
    ranked.fiscal_year as last_fiscal_year
from ranked
left join parents
    on
        ranked.region_code = parents.region_code
        and ranked.unit_code = parents.unit_code
        and parents.choice = 1
where ranked.choice = 1
