{{ config(meta={'zone': 'restricted'}) }}
{# Operands of a share by entity: the entity's own figure, over the years of a cycle where the condition says so. What
   has no row is zero where the source is known to be whole, and unknown otherwise. #}
with periods as (
    select
        w.*, own.period_type as own_type, own.period_id as own_id, cast(own.start_year as integer) as start_year,
        p.period_id as read_id
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
),

details as (
    select
        p.indicator_code, p.operand_no, p.rollup, p.own_type, p.own_id, d.region_code, d.stage,
        case p.entity when 'school' then d.school_code when 'section' then d.entity_id else d.item_code end
            as entity_key,
        d.item_code, d.term_value, d.missing_rows
    from periods as p
    inner join {{ ref('int_measure_detail') }} as d
        on p.operand_code = d.term_code and p.period_type = d.period_type and p.read_id = d.period_id
),

-- A source must be known for every year that is read.
known as (
    select p.indicator_code, p.operand_no, p.own_type, p.own_id, c.region_code, max(p.absent) as absent
    from periods as p
    inner join {{ ref('int_term_covered') }} as c
        on p.operand_code = c.term_code and p.period_type = c.period_type and p.read_id = c.period_id
    group by p.indicator_code, p.operand_no, p.own_type, p.own_id, c.region_code
    having count(distinct p.read_id) = max(case p.function_name when 'cycle' then p.window_years else 1 end)
),

entities as (
    select distinct
        indicator_code, entity, region_code, period_type, period_id, stage_scope, entity_key
    from {{ ref('int_condition_population') }}
),

summed as (
    select
        e.indicator_code, d.operand_no, e.region_code, e.period_type, e.period_id, e.stage_scope, e.entity_key,
        case max(d.rollup)
            when 'distinct' then count(distinct case when d.term_value > 0 then d.item_code end)
            when 'max_within_school' then max(d.term_value)
            when 'none' then min(d.term_value)
            else sum(d.term_value)
        end as figure,
        sum(d.missing_rows) as missing_rows
    from entities as e
    inner join details as d
        on
            e.indicator_code = d.indicator_code
            and e.region_code = d.region_code
            and e.period_type = d.own_type
            and e.period_id = d.own_id
            and e.entity_key = d.entity_key
    inner join {{ ref('int_scope_stage') }} as s
        on
            e.stage_scope = s.stage_scope
            and s.stage = case when e.entity in ('school', 'section') then d.stage else '_any' end
    group by
        e.indicator_code, d.operand_no, e.region_code, e.period_type, e.period_id, e.stage_scope, e.entity_key
)

select
    e.indicator_code,
    k.operand_no,
    e.region_code,
    e.period_type,
    e.period_id,
    e.stage_scope,
    e.entity_key,
    case
        when s.missing_rows = 0 then cast(s.figure as double)
        when s.entity_key is null and k.absent = 'zero' then 0.0
    end as figure
from entities as e
inner join known as k
    on
        e.indicator_code = k.indicator_code
        and e.region_code = k.region_code
        and e.period_type = k.own_type
        and e.period_id = k.own_id
left join summed as s
    on
        e.indicator_code = s.indicator_code
        and k.operand_no = s.operand_no
        and e.region_code = s.region_code
        and e.period_type = s.period_type
        and e.period_id = s.period_id
        and e.stage_scope = s.stage_scope
        and e.entity_key = s.entity_key
