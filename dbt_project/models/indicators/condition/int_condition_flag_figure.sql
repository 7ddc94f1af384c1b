{{ config(meta={'zone': 'restricted'}) }}
{# Operands of a composite at county and school: figures of fct_measure, the largest and smallest of the things within,
   the schools that have one, a part's share of the whole, and what is lacking between two measures of the same thing. #}
with periods as (
    select
        w.*, own.period_type as own_type, own.period_id as own_id, p.period_id as read_id
    from {{ ref('int_condition_wanted') }} as w
    inner join {{ ref('period_calendar') }} as own on w.clock = own.period_type
    inner join {{ ref('period_calendar') }} as p
        on
            w.period_type = p.period_type
            and cast(p.start_year as integer) = cast(own.start_year as integer) + w.year_offset
    where w.form in ('condition_flag', 'condition_number')
),

measured as (
    select
        p.indicator_code, p.operand_no, p.own_type, p.own_id, m.region_code, m.entity_type, m.entity_id, m.stage,
        cast(m.value as double) / case when p.function_name = 'share' then nullif(cast(a.value as double), 0) else 1 end
            as figure
    from periods as p
    inner join {{ ref('fct_measure') }} as m
        on
            p.operand_code = m.term_code
            and p.period_type = m.period_type
            and p.read_id = m.period_id
            and m.entity_type in ('county', 'school')
            and m.urban_rural = 'all'
            and m.grade = '_all'
            and m.exam_id = '_all'
            and m.subject = '_all'
    inner join {{ ref('term') }} as t on p.operand_code = t.term_code
    left join {{ ref('fct_measure') }} as a
        on
            p.function_name = 'share'
            and t.measure_code = a.term_code
            and m.region_code = a.region_code
            and m.period_type = a.period_type
            and m.period_id = a.period_id
            and m.entity_type = a.entity_type
            and m.entity_id = a.entity_id
            and m.stage = a.stage
            and m.urban_rural = a.urban_rural
            and m.grade = a.grade
            and m.exam_id = a.exam_id
            and m.subject = a.subject
    where p.function_name in ('value', 'share')
),

asked as (
    {{ either_term('periods', 'operand_code', 'other_code') }}
),

-- Two measures of the same thing: what the second has and the first lacks is a thing all the same.
paired as (
    select
        p.indicator_code, p.operand_no, p.function_name, p.own_type, p.own_id, d.region_code, d.school_code, d.stage,
        d.item_code,
        sum(case when d.term_code = p.operand_code then d.term_value else 0 end)
        - sum(case when d.term_code = p.other_code then d.term_value else 0 end) as difference,
        sum(d.missing_rows) as missing_rows
    from asked as p
    inner join {{ ref('int_measure_detail') }} as d
        on p.term_code = d.term_code and p.period_type = d.period_type and p.read_id = d.period_id
    where p.function_name in ('min_difference', 'shortfall')
    group by
        p.indicator_code, p.operand_no, p.function_name, p.own_type, p.own_id, d.region_code, d.school_code, d.stage,
        d.item_code
    having
        p.function_name = 'shortfall'
        or sum(case when d.term_code = p.other_code then 1 else 0 end) > 0
),

things as (
    select
        indicator_code, operand_no, function_name, own_type, own_id, region_code, school_code, stage, item_code,
        case when function_name = 'shortfall' then greatest(difference, 0) else difference end as figure, missing_rows
    from paired
    union all
    select
        p.indicator_code, p.operand_no, p.function_name, p.own_type, p.own_id, d.region_code, d.school_code, d.stage,
        d.item_code, d.term_value, d.missing_rows
    from periods as p
    inner join {{ ref('int_measure_detail') }} as d
        on p.operand_code = d.term_code and p.period_type = d.period_type and p.read_id = d.period_id
    where p.function_name in ('max', 'min', 'count') or (p.function_name = 'value' and p.rollup = 'none')
),

scoped as (
    select t.*, s.stage_scope, 'school' as entity_type, t.school_code as entity_id
    from things as t
    inner join {{ ref('int_scope_stage') }} as s on t.stage = s.stage
    where t.school_code is not null
    union all
    select t.*, s.stage_scope, 'county', t.region_code
    from things as t
    inner join {{ ref('int_scope_stage') }} as s on t.stage = s.stage
    where t.function_name <> 'value'
)

select
    indicator_code, operand_no, own_type as period_type, own_id as period_id, region_code, entity_type, entity_id,
    stage as stage_scope, figure
from measured
union all
select
    indicator_code, operand_no, own_type, own_id, region_code, entity_type, entity_id, stage_scope,
    case
        when sum(missing_rows) > 0 then null
        when function_name in ('min', 'min_difference') then cast(min(figure) as double)
        when function_name = 'count' then cast(count(distinct school_code) as double)
        when function_name = 'shortfall' then cast(sum(figure) as double)
        else cast(max(figure) as double)
    end
from scoped
group by
    indicator_code, operand_no, function_name, own_type, own_id, region_code, entity_type, entity_id, stage_scope
