-- Lines of a plan add up to the line they are part of, along the row and down the column.
with links as (
    select parent_line_id as parent_id, 'row' as direction, amount_yuan
    from {{ ref('fct_budget_line') }}
    where parent_line_id is not null
    union all
    select column_parent_line_id, 'column', amount_yuan
    from {{ ref('fct_budget_line') }}
    where column_parent_line_id is not null
)

select
    l.parent_id,
    l.direction,
    max(p.amount_yuan) as parent_yuan,
    sum(l.amount_yuan) as parts_yuan
from links as l
left join {{ ref('fct_budget_line') }} as p on l.parent_id = p.budget_line_id
group by l.parent_id, l.direction
having max(p.amount_yuan) is null or max(p.amount_yuan) <> sum(l.amount_yuan)
