{{ config(meta={'zone': 'restricted'}) }}
{# The schools, sections, classes or teachers that a share counts: those of its denominator. One whose figure nobody
   knows stands here too, so that the share is not taken for known. #}
with shares as (
    select
        f.indicator_code, f.by_entity as entity, i.clock, i.denominator_term as term_code,
        coalesce(b.period_type, i.clock) as period_type, coalesce(cast(b.year_offset as integer), 0) as year_offset
    from {{ ref('indicator_form') }} as f
    inner join {{ ref('dim_indicator') }} as i on f.indicator_code = i.indicator_code
    left join {{ ref('clock_bridge') }} as b on i.bridge = b.bridge and b.operand = 'denominator'
    where f.form = 'condition_share'
)

select distinct
    s.indicator_code,
    s.entity,
    d.region_code,
    own.period_type,
    own.period_id,
    cast(own.start_year as integer) as start_year,
    c.stage_scope,
    d.stage,
    d.school_code,
    case s.entity when 'school' then d.school_code when 'section' then d.entity_id else d.item_code end as entity_key,
    d.missing_rows > 0 as is_unknown
from shares as s
inner join {{ ref('int_measure_detail') }} as d on s.term_code = d.term_code and s.period_type = d.period_type
inner join {{ ref('period_calendar') }} as p on d.period_type = p.period_type and d.period_id = p.period_id
inner join {{ ref('period_calendar') }} as own
    on s.clock = own.period_type and cast(own.start_year as integer) = cast(p.start_year as integer) - s.year_offset
inner join {{ ref('int_indicator_scope') }} as x on s.indicator_code = x.indicator_code
inner join {{ ref('int_scope_stage') }} as c on x.stage_scope = c.stage_scope and d.stage = c.stage
where d.term_value > 0 or d.missing_rows > 0
