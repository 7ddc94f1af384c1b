{# A side is its sum, times its factors, over its divisors. Arithmetic decides; the row only names what a failure is. #}
with valued as (
    select
        t.check_id,
        t.side,
        t.op,
        t.position,
        cast(t.coefficient as double) * cast(
            case when t.term_kind = 'constant' then cast(t.term_ref as decimal(24, 6)) else f.figure_value end as double
        ) as term_value
    from {{ ref('arithmetic_check_term') }} as t
    left join {{ ref('int_document_figure') }} as f on t.term_kind = f.term_kind and t.term_ref = f.term_ref
),

sides as (
    select
        check_id,
        side,
        sum(case when op = '+' then term_value when op = '-' then -term_value end)
        * coalesce(max(case when op = '*' then term_value end), 1)
        / case
            when {{ count_if("op = '/'") }} = 0 then 1
            else nullif(max(case when op = '/' then term_value end), 0)
        end as side_value,
        sum(case when term_value is null then 1 else 0 end) as unknown_terms
    from valued
    group by check_id, side
),

compared as (
    select
        c.check_id,
        c.document_code,
        c.check_kind,
        c.description,
        c.remark_zh,
        c.operator,
        c.on_failure,
        l.side_value as left_value,
        r.side_value as right_value,
        cast(p.value_num as double) as tolerance,
        l.unknown_terms + r.unknown_terms as unknown_terms
    from {{ ref('arithmetic_check') }} as c
    inner join sides as l on c.check_id = l.check_id and l.side = 'left'
    inner join sides as r on c.check_id = r.check_id and r.side = 'right'
    inner join {{ ref('plan_parameter') }} as p on p.parameter = 'arithmetic_tolerance'
)

select
    check_id,
    document_code,
    check_kind,
    description,
    remark_zh,
    operator,
    left_value,
    right_value,
    left_value - right_value as difference,
    tolerance,
    case
        when unknown_terms > 0 or left_value is null or right_value is null then 'not_evaluated'
        when operator = '=' and abs(left_value - right_value) <= tolerance then 'holds'
        when operator = '<=' and left_value <= right_value + tolerance then 'holds'
        when operator = '>=' and left_value >= right_value - tolerance then 'holds'
        else on_failure
    end as outcome
from compared
