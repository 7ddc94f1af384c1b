{{ config(meta={'zone': 'restricted'}) }}
{# What came together over the years of a cycle that ends with the period; a thing or person of several years counts
   once.
   A year that did not come leaves it unknown. A plan with a cycle of its own has it under `window_<years>`. #}
with windows as (
    select i.indicator_code, '_all' as group_code, cast(replace(i.window_text, 'y', '') as integer) as years
    from {{ ref('dim_indicator') }} as i
    inner join {{ ref('indicator_form') }} as f on i.indicator_code = f.indicator_code
    where f.form = 'cycle_sum'
    union
    select w.indicator_code, 'window_' || w.window_text, cast(replace(w.window_text, 'y', '') as integer)
    from {{ ref('document_window') }} as w
),

asked as (
    select
        w.indicator_code, w.group_code, w.years, i.clock, i.numerator_term as term_code, t.rollup, t.absent,
        cast(i.scale as double) as scale
    from windows as w
    inner join {{ ref('dim_indicator') }} as i on w.indicator_code = i.indicator_code
    inner join {{ ref('term') }} as t on i.numerator_term = t.term_code
),

covered as (
    select
        a.indicator_code, a.group_code, c.region_code, own.period_type, own.period_id, a.term_code, a.rollup, a.scale,
        cast(own.start_year as integer) as start_year, a.years,
        count(distinct p.period_id) = a.years as is_whole
    from asked as a
    inner join {{ ref('int_term_covered') }} as c on a.term_code = c.term_code and a.clock = c.period_type
    inner join {{ ref('period_calendar') }} as p on c.period_type = p.period_type and c.period_id = p.period_id
    inner join {{ ref('period_calendar') }} as own
        on
            p.period_type = own.period_type
            and cast(p.start_year as integer) <= cast(own.start_year as integer)
            and cast(p.start_year as integer) > cast(own.start_year as integer) - a.years
    group by
        a.indicator_code, a.group_code, c.region_code, own.period_type, own.period_id, a.term_code, a.rollup, a.scale,
        own.start_year, a.years
),

rows_of as (
    select d.*, cast(p.start_year as integer) as start_year
    from {{ ref('int_measure_detail') }} as d
    inner join {{ ref('period_calendar') }} as p on d.period_type = p.period_type and d.period_id = p.period_id
    where d.term_code in (select a.term_code from asked as a)
),

staged as (
    select r.*, s.stage_scope
    from rows_of as r
    inner join {{ ref('int_scope_stage') }} as s on r.stage = s.stage
),

scoped as (
    select
        c.indicator_code, c.group_code, c.region_code, c.period_type, c.period_id, c.is_whole, c.rollup, c.scale,
        x.stage_scope, d.item_code, d.term_value, d.missing_rows
    from covered as c
    inner join {{ ref('int_indicator_scope') }} as x on c.indicator_code = x.indicator_code
    left join staged as d
        on
            c.term_code = d.term_code
            and c.region_code = d.region_code
            and c.period_type = d.period_type
            and d.start_year between c.start_year - c.years + 1 and c.start_year
            and x.stage_scope = d.stage_scope
),

summed as (
    select
        indicator_code, group_code, region_code, period_type, period_id, stage_scope, is_whole, scale,
        case max(rollup)
            when 'distinct' then count(distinct case when term_value > 0 then item_code end)
            else coalesce(sum(term_value), 0)
        end as figure,
        coalesce(sum(missing_rows), 0) as missing_rows
    from scoped
    group by indicator_code, group_code, region_code, period_type, period_id, stage_scope, is_whole, scale
)

select
    s.indicator_code,
    s.region_code,
    'county' as entity_type,
    s.region_code as entity_id,
    s.period_type,
    s.period_id,
    s.stage_scope as stage,
    'all' as urban_rural,
    '_all' as grade,
    '_all' as subject,
    '_all' as exam_id,
    s.group_code,
    cast(s.figure as double) as numerator,
    cast(null as double) as denominator,
    case when s.is_whole and s.missing_rows = 0 then cast(s.figure as double) * s.scale end as value,
    case when s.is_whole and s.missing_rows = 0 then 'ok' else 'not_reported' end as status
from summed as s
inner join {{ ref('int_region_period') }} as p
    on s.region_code = p.region_code and s.period_type = p.period_type and s.period_id = p.period_id
