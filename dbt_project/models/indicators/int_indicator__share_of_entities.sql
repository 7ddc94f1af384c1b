{{ config(meta={'zone': 'restricted'}) }}
{# Schools or sections that satisfy a condition, among all of the denominator. Counts entities, not pupils. #}
with judged as (
    select
        f.indicator_code, v.region_code, v.period_type, v.period_id, v.stage,
        count(*) as entity_count,
        count(v.value) as known_count,
        sum(case when v.value = cast(f.threshold as double) then 1 else 0 end) as true_count
    from {{ ref('indicator_form') }} as f
    inner join {{ ref('int_indicator__composite') }} as v on f.subject = v.indicator_code and v.entity_type = 'section'
    where f.form = 'entity_indicator' and f.operator = '='
    group by f.indicator_code, v.region_code, v.period_type, v.period_id, v.stage
    union all
    select
        n.indicator_code, n.region_code, n.period_type, n.period_id, n.stage,
        cast(max(d.operand_value) as bigint),
        count(n.numerator) + cast(max(d.operand_value) as bigint) - count(*),
        sum(case when n.numerator > cast(n.threshold as double) then 1 else 0 end)
    from {{ ref('int_indicator_paired') }} as n
    inner join {{ ref('int_indicator_operand') }} as d
        on
            n.indicator_code = d.indicator_code
            and d.operand = 'denominator'
            and d.entity_type = 'county'
            and d.urban_rural = 'all'
            and n.region_code = d.region_code
            and n.period_id = d.period_id
            and n.stage = d.stage
    where n.form = 'entity_measure' and n.operator = '>' and n.entity_type = 'school'
    group by n.indicator_code, n.region_code, n.period_type, n.period_id, n.stage
)

select
    j.indicator_code,
    j.region_code,
    'county' as entity_type,
    j.region_code as entity_id,
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
        when j.known_count < j.entity_count then 'not_reported' when j.entity_count = 0 then 'undefined' else 'ok'
    end as status
from judged as j
inner join {{ ref('dim_indicator') }} as i on j.indicator_code = i.indicator_code
