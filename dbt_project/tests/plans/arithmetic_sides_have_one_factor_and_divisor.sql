-- A side has at most one factor and one divisor; more would need an order that a row cannot give.
select check_id, side, op, count(*) as term_count
from {{ ref('arithmetic_check_term') }}
where op in ('*', '/')
group by check_id, side, op
having count(*) > 1
