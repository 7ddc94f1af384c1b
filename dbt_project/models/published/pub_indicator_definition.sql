select
    e.region_code,
    e.school_year,
    i.indicator_code,
    i.name_zh,
    i.name_en,
    i.domain,
    i.unit,
    i.direction,
    i.kind,
    i.grain,
    i.stage,
    i.formula,
    i.numerator_measure,
    i.numerator_filter,
    i.denominator_measure,
    i.denominator_filter,
    i.scale,
    i.clock,
    i.bridge,
    i.precision_digits,
    i.definition_version,
    'A' as obs_status
from {{ ref('dim_indicator') }} as i
inner join {{ ref('int_edition_indicator') }} as e on i.indicator_code = e.indicator_code
where i.zone = 'published'
