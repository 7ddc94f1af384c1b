{{ config(meta={'zone': 'restricted'}) }}
{# The periods that an operand of a share reads for each period of its indicator: one, or the years of a cycle. #}
select
    w.indicator_code, w.operand_no, w.operand_code, w.function_name, w.window_years, w.rollup, w.absent, w.entity,
    w.period_type, own.period_type as own_type, own.period_id as own_id, p.period_id as read_id
from {{ ref('int_condition_wanted') }} as w
inner join {{ ref('period_calendar') }} as own on w.clock = own.period_type
inner join {{ ref('period_calendar') }} as p
    on
        w.period_type = p.period_type
        and cast(p.start_year as integer) <= cast(own.start_year as integer) + w.year_offset
        and cast(p.start_year as integer)
        > cast(own.start_year as integer) + w.year_offset
        - case w.function_name when 'cycle' then w.window_years else 1 end
where w.form = 'condition_share' and w.function_name in ('value', 'cycle')
