{# What is wrong or open in the texts of the plans themselves: found by reading, or by arithmetic that fails on the
   figures as loaded. A remark that rests on a check goes when the check holds. #}
with failing as (
    select
        check_id,
        document_code,
        check_kind,
        description,
        remark_zh,
        operator,
        left_value,
        right_value,
        difference,
        outcome
    from {{ ref('fct_arithmetic_check') }}
    where outcome not in ('holds', 'not_evaluated')
)

select
    r.remark_id,
    r.document_code,
    case when r.check_id is null then 'read' else 'computed' end as found_by,
    r.remark_kind,
    nullif(r.about, '') as about,
    f.check_id,
    r.remark_zh,
    r.remark_en,
    f.left_value,
    f.operator,
    f.right_value,
    f.difference,
    coalesce(f.outcome, 'noted') as outcome
from {{ ref('document_remark') }} as r
left join failing as f on r.check_id = f.check_id
where r.check_id is null or f.check_id is not null
union all
select
    f.check_id as remark_id,
    f.document_code,
    'computed' as found_by,
    f.check_kind as remark_kind,
    cast(null as varchar) as about,
    f.check_id,
    coalesce(f.remark_zh, f.description) as remark_zh,
    f.description as remark_en,
    f.left_value,
    f.operator,
    f.right_value,
    f.difference,
    f.outcome
from failing as f
left join {{ ref('document_remark') }} as r on f.check_id = r.check_id
where r.check_id is null
