{{ config(meta={'zone': 'restricted'}) }}
{# Every thing a condition is about with its operands side by side, parameters and targets of the year included. #}
with figures as (
    select
        indicator_code, operand_no, region_code, period_type, period_id, stage_scope,
        'entity' as entity_type, entity_key as entity_id, figure
    from {{ ref('int_condition_share_figure') }}
    union all
    select
        f.indicator_code, f.operand_no, f.region_code, f.period_type, f.period_id, f.stage_scope, f.entity_type,
        f.entity_id, f.figure
    from {{ ref('int_condition_flag_figure') }} as f
    inner join {{ ref('int_indicator_scope') }} as s
        on f.indicator_code = s.indicator_code and f.stage_scope = s.stage_scope
),

things as (
    select indicator_code, region_code, period_type, period_id, stage_scope, entity_type, entity_id
    from figures
    group by indicator_code, region_code, period_type, period_id, stage_scope, entity_type, entity_id
),

-- A target holds for each stage: of a scope of several the strictest would be a guess, so an entity takes its own.
stages as (
    select indicator_code, region_code, period_type, period_id, stage_scope, entity_key, min(stage) as stage
    from {{ ref('int_condition_population') }}
    group by indicator_code, region_code, period_type, period_id, stage_scope, entity_key
),

scalars as (
    select
        w.indicator_code, w.operand_no, t.region_code, t.period_type, t.period_id, t.stage_scope, t.entity_type,
        t.entity_id,
        case
            when w.function_name = 'param' then cast(p.value as double)
            else l.threshold_value
        end as figure
    from {{ ref('int_condition_wanted') }} as w
    inner join things as t on w.indicator_code = t.indicator_code
    inner join {{ ref('period_calendar') }} as own
        on t.period_type = own.period_type and t.period_id = own.period_id
    inner join {{ ref('period_calendar') }} as y on own.start_year = y.start_year and y.period_type = 'school_year'
    left join {{ ref('int_parameter__by_school_year') }} as p
        on y.period_id = p.school_year and w.function_name = 'param' and w.operand_code = p.parameter_code
    left join stages as s
        on
            t.indicator_code = s.indicator_code
            and t.region_code = s.region_code
            and t.period_type = s.period_type
            and t.period_id = s.period_id
            and t.stage_scope = s.stage_scope
            and t.entity_id = s.entity_key
    left join {{ ref('int_indicator_threshold') }} as l
        on
            w.function_name = 'target'
            and w.operand_code = l.indicator_code
            and t.region_code = l.region_code
            and y.period_id = l.period_id
            and coalesce(s.stage, t.stage_scope) = l.stage
    where w.function_name in ('param', 'target')
),

known as (
    select indicator_code, operand_no, region_code, period_type, period_id, stage_scope, entity_type, entity_id, figure
    from figures
    union all
    select indicator_code, operand_no, region_code, period_type, period_id, stage_scope, entity_type, entity_id, figure
    from scalars
),

counts as (
    select indicator_code, count(*) as operand_count
    from {{ ref('int_condition_wanted') }}
    group by indicator_code
)

select
    k.indicator_code,
    k.region_code,
    k.period_type,
    k.period_id,
    k.stage_scope,
    k.entity_type,
    k.entity_id,
    max(c.operand_count) as operand_count,
    count(k.figure) as known_count,
    max(case when k.operand_no = 1 then k.figure end) as o1,
    max(case when k.operand_no = 2 then k.figure end) as o2,
    max(case when k.operand_no = 3 then k.figure end) as o3,
    max(case when k.operand_no = 4 then k.figure end) as o4
from known as k
inner join counts as c on k.indicator_code = c.indicator_code
group by k.indicator_code, k.region_code, k.period_type, k.period_id, k.stage_scope, k.entity_type, k.entity_id
