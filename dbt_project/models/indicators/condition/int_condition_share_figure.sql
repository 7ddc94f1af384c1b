{{ config(meta={'zone': 'restricted'}) }}
{# Operands of a share by entity: the entity's own figure, over the years of a cycle where the condition says so. What
   has no row is zero where the source is known to be whole, and unknown otherwise. #}
-- A source must be known for every year that is read.
with known as (
    select p.indicator_code, p.operand_no, p.own_type, p.own_id, c.region_code, max(p.absent) as absent
    from {{ ref('int_condition_share_period') }} as p
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
    inner join {{ ref('int_condition_share_detail') }} as d
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
