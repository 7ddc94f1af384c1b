{{ config(meta={'zone': 'restricted'}) }}
{# Schools, sections, classes or teachers that satisfy a condition, among all of the denominator. Counts entities, not
   pupils. #}
with members as (
    select
        p.indicator_code, p.region_code, p.period_type, p.period_id, p.stage_scope, p.school_code, p.entity_key,
        max(case when p.is_unknown then 1 else 0 end) as is_unknown, max(v.verdict) as verdict
    from {{ ref('int_condition_population') }} as p
    left join {{ ref('int_indicator_judged') }} as v
        on
            p.indicator_code = v.indicator_code
            and p.region_code = v.region_code
            and p.period_type = v.period_type
            and p.period_id = v.period_id
            and p.stage_scope = v.stage_scope
            and p.entity_key = v.entity_id
            and v.entity_type = 'entity'
    group by
        p.indicator_code, p.region_code, p.period_type, p.period_id, p.stage_scope, p.school_code, p.entity_key
),

judged as (
    select
        f.indicator_code, v.region_code, 'county' as entity_type, v.region_code as entity_id, v.period_type,
        v.period_id, c.stage_scope as stage,
        count(*) as entity_count,
        count(v.value) as known_count,
        sum(case when v.value = cast(f.threshold as double) then 1 else 0 end) as true_count
    from {{ ref('indicator_form') }} as f
    inner join {{ ref('int_indicator__composite') }} as v on f.subject = v.indicator_code and v.entity_type = 'section'
    inner join {{ ref('int_indicator_scope') }} as x on f.indicator_code = x.indicator_code
    inner join {{ ref('stage_scope') }} as c on x.stage_scope = c.stage_scope and v.stage = c.stage
    -- Sections that are not assessed stand in no share.
    inner join {{ ref('int_balance_eligible') }} as e
        on v.entity_id = e.school_code || '/' || e.stage and v.period_id = e.school_year and e.is_eligible
    where f.form = 'entity_indicator' and f.operator = '='
    group by f.indicator_code, v.region_code, v.period_type, v.period_id, c.stage_scope
    union all
    select
        indicator_code, region_code, 'county', region_code as entity_id, period_type, period_id, stage_scope,
        count(distinct entity_key),
        count(distinct case when verdict is not null and is_unknown = 0 then entity_key end),
        count(distinct case when verdict = 1 then entity_key end)
    from members
    group by indicator_code, region_code, period_type, period_id, stage_scope
    union all
    select
        indicator_code, region_code, 'school', school_code, period_type, period_id, stage_scope,
        count(distinct entity_key),
        count(distinct case when verdict is not null and is_unknown = 0 then entity_key end),
        count(distinct case when verdict = 1 then entity_key end)
    from members
    where school_code is not null
    group by indicator_code, region_code, school_code, period_type, period_id, stage_scope
    union all
    -- A county that has nothing of the kind: nothing out of nothing.
    select
        d.indicator_code, d.region_code, 'county', d.region_code as entity_id, d.period_type, d.period_id, d.stage,
        0, 0, 0
    from {{ ref('int_indicator_operand') }} as d
    inner join {{ ref('indicator_form') }} as f on d.indicator_code = f.indicator_code
    where
        f.form = 'condition_share'
        and d.operand = 'denominator'
        and d.entity_type = 'county'
        and d.urban_rural = 'all'
        and d.grade = '_all'
        and d.operand_value = 0
)

select
    j.indicator_code,
    j.region_code,
    j.entity_type,
    j.entity_id,
    j.period_type,
    j.period_id,
    j.stage,
    'all' as urban_rural,
    '_all' as grade,
    '_all' as subject,
    '_all' as exam_id,
    '_all' as group_code,
    cast(case when j.known_count = j.entity_count then j.true_count end as double) as numerator,
    cast(j.entity_count as double) as denominator,
    case
        when j.known_count = j.entity_count
            then j.true_count * cast(i.scale as double) / nullif(j.entity_count, 0)
    end as value,
    case
        when j.entity_count = 0 then 'undefined' when j.known_count < j.entity_count then 'not_reported' else 'ok'
    end as status
from judged as j
inner join {{ ref('dim_indicator') }} as i on j.indicator_code = i.indicator_code
