{{ config(meta={'zone': 'restricted'}) }}
{# Numerators and denominators of every indicator, moved to the period of the indicator's own clock. #}
with wanted as (
    select
        i.indicator_code, 'numerator' as operand, i.numerator_term as term_code, i.clock, i.aggregates_to,
        coalesce(b.period_type, i.clock) as period_type, coalesce(cast(b.year_offset as integer), 0) as year_offset
    from {{ ref('dim_indicator') }} as i
    left join {{ ref('clock_bridge') }} as b on i.bridge = b.bridge and b.operand = 'numerator'
    where i.numerator_term is not null
    union all
    select
        i.indicator_code, 'denominator', i.denominator_term, i.clock, i.aggregates_to,
        coalesce(b.period_type, i.clock), coalesce(cast(b.year_offset as integer), 0)
    from {{ ref('dim_indicator') }} as i
    left join {{ ref('clock_bridge') }} as b on i.bridge = b.bridge and b.operand = 'denominator'
    where i.denominator_term is not null
)

select
    w.indicator_code,
    w.operand,
    m.region_code,
    m.entity_type,
    m.entity_id,
    own.period_type,
    own.period_id,
    cast(own.start_year as integer) as start_year,
    m.stage,
    m.urban_rural,
    m.grade,
    m.subject,
    m.exam_id,
    m.group_code,
    cast(m.value as double) as operand_value,
    s.is_own
from wanted as w
inner join {{ ref('fct_measure') }} as m on w.term_code = m.term_code and w.period_type = m.period_type
inner join {{ ref('period_calendar') }} as p on m.period_type = p.period_type and m.period_id = p.period_id
inner join {{ ref('period_calendar') }} as own
    on w.clock = own.period_type and cast(own.start_year as integer) = cast(p.start_year as integer) - w.year_offset
inner join {{ ref('int_indicator_scope') }} as s
    on w.indicator_code = s.indicator_code and m.stage = s.stage_scope
where
    m.entity_type in ('county', 'unit', 'section')
    or ';' || w.aggregates_to || ';' like '%;' || m.entity_type || ';%'
