with catalogue as (
    select *, false as is_local from {{ ref('indicator_catalogue') }}
    union all
    select *, true as is_local from {{ ref('indicator_supplement') }}
)

select
    c.indicator_code,
    c.name_zh,
    c.name_en,
    c.domain,
    c.unit,
    c.direction,
    c.grain,
    c.stage,
    c.kind,
    c.formula,
    nullif(c.numerator_measure, '') as numerator_measure,
    nullif(c.denominator_measure, '') as denominator_measure,
    nullif(c.numerator_filter, '') as numerator_filter,
    nullif(c.denominator_filter, '') as denominator_filter,
    n.term_code as numerator_term,
    d.term_code as denominator_term,
    cast(c.scale as decimal(18, 6)) as scale,
    nullif(c.condition, '') as condition,
    nullif(c.base_indicator, '') as base_indicator,
    nullif(c.group_by, '') as group_by,
    nullif(c.window, '') as window_text,
    c.clock,
    nullif(c.bridge, '') as bridge,
    c.aggregates_to,
    c.zone,
    c.disclosure,
    cast(c.precision as integer) as precision_digits,
    cast(nullif(c.valid_from, '') as date) as valid_from,
    c.definition_version,
    c.attestation_only = 'yes' as is_attestation_only,
    c.is_local
from catalogue as c
left join {{ ref('term') }} as n
    on
        c.numerator_measure = n.measure_code
        and coalesce(c.numerator_filter, '') = coalesce(n.filter_text, '')
left join {{ ref('term') }} as d
    on
        c.denominator_measure = d.measure_code
        and coalesce(c.denominator_filter, '') = coalesce(d.filter_text, '')
