with measures as (
    select * from {{ ref('measures') }}
    union all
    select * from {{ ref('measure_supplement') }}
),

bindings as (
    select
        measure_code,
        count(*) as binding_count
    from {{ ref('measure_binding') }}
    group by measure_code
)

select
    m.measure_code,
    m.name_zh,
    m.name_en,
    m.unit,
    m.value_type,
    m.additive = 'yes' as is_additive,
    m.aggregation,
    m.source,
    m.source_fields,
    m.grain,
    m.dimensions,
    m.clock,
    m.source_precedence,
    m.disclosure,
    m.derivation,
    coalesce(b.binding_count, 0) > 0 as is_bound
from measures as m
left join bindings as b on m.measure_code = b.measure_code
