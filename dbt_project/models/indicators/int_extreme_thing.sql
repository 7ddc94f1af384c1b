{{ config(meta={'zone': 'restricted'}) }}
{# The things over which an extreme is taken (schools, classes, rooms, teachers, leaders, months) with their figures.
   Where a thing without a row is known to have none, it stands here with zero. #}
with extremes as (
    select
        f.indicator_code, f.by_entity, i.clock, i.numerator_term as term_code,
        coalesce(i.window_text, '') as window_text, t.rollup, t.absent
    from {{ ref('indicator_form') }} as f
    inner join {{ ref('dim_indicator') }} as i on f.indicator_code = i.indicator_code
    inner join {{ ref('term') }} as t on i.numerator_term = t.term_code
    where f.form = 'extreme' and f.by_entity not in ('grade', 'grade_term')
),

terms as (
    select '1' as term_no
    union all
    select '2' as term_no
),

quarters as (
    select distinct cast((calendar_month + 2) / 3 as integer) as quarter_no
    from {{ ref('dim_date') }}
    where calendar_month in (1, 4, 7, 10)
),

rows_of as (
    select
        e.indicator_code, e.rollup, e.by_entity, d.region_code, d.period_type, d.period_id, d.school_code, d.stage,
        d.item_code,
        case
            when e.by_entity = 'school' and e.window_text = '1term'
                then d.school_code || '#' || split_part(d.item_code, '/', 1)
            when e.by_entity = 'school' then d.school_code
            else d.item_code
        end as thing,
        d.term_value, d.missing_rows
    from extremes as e
    inner join {{ ref('int_measure_detail') }} as d on e.term_code = d.term_code and e.clock = d.period_type
    where e.by_entity <> 'school' or d.school_code is not null
),

covered as (
    select e.*, c.region_code, c.period_type, c.period_id
    from extremes as e
    inner join {{ ref('int_term_covered') }} as c on e.term_code = c.term_code and e.clock = c.period_type
    where e.absent = 'zero'
),

-- Schools and classes of the period itself; of a calendar year those of the school year that begins in it.
present as (
    select
        c.indicator_code, c.region_code, c.period_type, c.period_id, d.school_code, d.stage,
        d.school_code || case when c.window_text = '1term' then '#' || t.term_no else '' end as thing
    from covered as c
    inner join {{ ref('int_measure_detail') }} as d
        on
            d.term_code = 'school_count'
            and c.region_code = d.region_code
            and substr(c.period_id, 1, 4) = substr(d.period_id, 1, 4)
            and d.term_value > 0
    cross join terms as t
    where c.by_entity = 'school' and (t.term_no = '1' or c.window_text = '1term')
    union all
    select c.indicator_code, c.region_code, c.period_type, c.period_id, d.school_code, d.stage, d.item_code
    from covered as c
    inner join {{ ref('int_measure_detail') }} as d
        on d.term_code = 'class_count' and c.region_code = d.region_code and c.period_id = d.period_id
    where c.by_entity = 'class'
    union all
    select c.indicator_code, c.region_code, c.period_type, c.period_id, null, '_any', m.month_no
    from covered as c
    cross join {{ ref('teaching_month') }} as m
    where c.by_entity = 'month'
    union all
    select c.indicator_code, c.region_code, c.period_type, c.period_id, null, '_any', cast(q.quarter_no as varchar)
    from covered as c
    cross join quarters as q
    where c.by_entity = 'quarter'
),

listed as (
    select
        r.indicator_code, r.region_code, r.period_type, r.period_id, r.school_code, r.stage, r.thing, r.item_code,
        r.term_value, r.missing_rows, r.rollup
    from rows_of as r
    left join {{ ref('teaching_month') }} as m on r.thing = m.month_no
    where r.by_entity <> 'month' or m.month_no is not null
    union all
    select
        p.indicator_code, p.region_code, p.period_type, p.period_id, p.school_code, p.stage, p.thing, null, 0, 0,
        e.rollup
    from present as p
    inner join extremes as e on p.indicator_code = e.indicator_code
)

select
    l.indicator_code,
    l.region_code,
    l.period_type,
    l.period_id,
    s.stage_scope as stage,
    l.thing,
    max(l.school_code) as school_code,
    case when count(distinct l.stage) = 1 then min(l.stage) end as only_stage,
    case
        when sum(l.missing_rows) > 0 then null
        when max(l.rollup) = 'distinct'
            then cast(count(distinct case when l.term_value > 0 then l.item_code end) as double)
        when max(l.rollup) = 'none' then cast(max(l.term_value) as double)
        else cast(sum(l.term_value) as double)
    end as figure
from listed as l
inner join {{ ref('int_indicator_scope') }} as x on l.indicator_code = x.indicator_code
inner join {{ ref('int_scope_stage') }} as s on x.stage_scope = s.stage_scope and l.stage = s.stage
group by l.indicator_code, l.region_code, l.period_type, l.period_id, s.stage_scope, l.thing
