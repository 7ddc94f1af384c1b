{{ config(meta={'zone': 'restricted'}) }}
{# The operands of every condition with the calendar each is read on: the indicator's own, or the side of its bridge. #}
select
    o.indicator_code,
    cast(o.operand_no as integer) as operand_no,
    o.function_name,
    o.operand_code,
    o.other_code,
    f.form,
    f.by_entity as entity,
    i.clock,
    i.aggregates_to,
    coalesce(cast(replace(i.window_text, 'y', '') as integer), 1) as window_years,
    coalesce(b.period_type, i.clock) as period_type,
    coalesce(cast(b.year_offset as integer), 0) as year_offset,
    t.rollup,
    t.absent,
    coalesce(t.term_code is not null and t.source_fact is null, false) as is_unbound
from {{ ref('condition_operand') }} as o
inner join {{ ref('dim_indicator') }} as i on o.indicator_code = i.indicator_code
inner join {{ ref('indicator_form') }} as f on o.indicator_code = f.indicator_code
left join {{ ref('term') }} as t on o.operand_code = t.term_code
left join {{ ref('clock_bridge') }} as b
    on
        i.bridge = b.bridge
        and b.operand = case
            when i.denominator_measure = t.measure_code and t.measure_code <> coalesce(i.numerator_measure, '')
                then 'denominator'
            else 'numerator'
        end
