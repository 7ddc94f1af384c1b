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

folded as (
    select
        indicator_code, region_code, entity_type, entity_id, period_type, period_id, stage_scope, o1, o2, verdict,
        known_count, operand_count, form
    from judged
    where entity_type = 'school' or not is_by_school
    union all
    select
        indicator_code, region_code, 'county', region_code, period_type, period_id, stage_scope,
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
