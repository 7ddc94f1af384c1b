{{ config(meta={'zone': 'restricted'}) }}
{# Composites that compare figures: true or false, or the figure itself. A condition that rests on a figure which does
   not add up (a quota) is asked of every school; the county holds where each of its schools does. #}
with parts as (
    select distinct w.indicator_code
    from {{ ref('int_condition_wanted') }} as w
    where w.form = 'condition_flag' and w.function_name = 'value' and w.rollup = 'none'
),

judged as (
    select v.*, f.form, p.indicator_code is not null as is_by_school
    from {{ ref('int_indicator_judged') }} as v
    inner join {{ ref('indicator_form') }} as f on v.indicator_code = f.indicator_code
    left join parts as p on v.indicator_code = p.indicator_code
    where v.entity_type in ('county', 'school')
),

-- What must be the same within each stage is asked of each: of a scope of several stages all must say yes.
staged as (
    select
        v.indicator_code, v.region_code, v.entity_type, v.entity_id, v.period_type, v.period_id,
        c.stage_scope, min(v.verdict) as verdict, count(*) - count(v.verdict) as open_count
    from judged as v
    inner join {{ ref('dim_indicator') }} as i on v.indicator_code = i.indicator_code and i.group_by = 'stage'
    inner join {{ ref('stage_scope') }} as c on v.stage_scope = c.stage
    group by
        v.indicator_code, v.region_code, v.entity_type, v.entity_id, v.period_type, v.period_id, c.stage_scope
),

folded as (
    select
        j.indicator_code, j.region_code, j.entity_type, j.entity_id, j.period_type, j.period_id, j.stage_scope, j.o1,
        j.o2,
        case
            when s.indicator_code is null then j.verdict
            when s.open_count = 0 or s.verdict = 0 then s.verdict
        end as verdict,
        j.known_count, j.operand_count, j.form
    from judged as j
    left join staged as s
        on
            j.indicator_code = s.indicator_code
            and j.region_code = s.region_code
            and j.entity_type = s.entity_type
            and j.entity_id = s.entity_id
            and j.period_type = s.period_type
            and j.period_id = s.period_id
            and j.stage_scope = s.stage_scope
    where j.entity_type = 'school' or not j.is_by_school
    union all
    select
        indicator_code, region_code, 'county', region_code as entity_id, period_type, period_id, stage_scope,
        cast(sum(case when verdict = 1 then 1 else 0 end) as double), cast(count(*) as double),
        case when count(*) = count(verdict) or min(verdict) = 0 then min(verdict) end,
        min(known_count), max(operand_count), max(form)
    from judged
    where entity_type = 'school' and is_by_school
    group by indicator_code, region_code, period_type, period_id, stage_scope
)

select
    f.indicator_code,
    f.region_code,
    f.entity_type,
    f.entity_id,
    f.period_type,
    f.period_id,
    f.stage_scope as stage,
    'all' as urban_rural,
    '_all' as grade,
    '_all' as subject,
    '_all' as exam_id,
    '_all' as group_code,
    f.o1 as numerator,
    f.o2 as denominator,
    f.verdict * case f.form when 'condition_number' then cast(i.scale as double) else 1 end as value,
    case
        when f.verdict is not null then 'ok'
        when f.known_count < f.operand_count then 'not_reported'
        else 'undefined'
    end as status
from folded as f
inner join {{ ref('dim_indicator') }} as i on f.indicator_code = i.indicator_code
where
    f.known_count > 0
    and (f.entity_type = 'county' or ';' || i.aggregates_to || ';' like '%;' || f.entity_type || ';%')
