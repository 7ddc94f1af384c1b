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
)

select
    {{ surrogate_key(['ranked.region_code', 'ranked.unit_code']) }} as budget_unit_key,
    ranked.region_code,
    ranked.unit_code,
    ranked.unit_name,
    ranked.first_fiscal_year,
    ranked.fiscal_year as last_fiscal_year
from ranked
where ranked.choice = 1
