{# The national method binds every region; a region may still name it itself, for other dates. #}
with own as (
    select
        b.region_code,
        b.document_code,
        min(coalesce(b.valid_from, d.valid_from)) as valid_from,
        max(coalesce(b.valid_to, d.valid_to)) as valid_to
    from {{ ref('stg_plan_bindings__binding') }} as b
    inner join {{ ref('dim_policy_document') }} as d on b.document_code = d.document_code
    group by b.region_code, b.document_code
),

national as (
    select
        r.region_code,
        d.document_code,
        d.valid_from,
        d.valid_to
    from (select distinct region_code from {{ ref('stg_ledger__submission') }}) as r
    cross join {{ ref('dim_policy_document') }} as d
    left join own as o on r.region_code = o.region_code and d.document_code = o.document_code
    where d.is_national and o.region_code is null and r.region_code is not null
),

bound as (
    select *, 'region' as bound_by from own
    union all
    select *, 'national' as bound_by from national
)

select
    {{ surrogate_key(['region_code', 'document_code']) }} as plan_binding_key,
    region_code,
    document_code,
    valid_from,
    valid_to,
    bound_by
from bound
