{{ config(meta={'zone': 'restricted'}) }}
{# Every figure a leg of a rule may look at, by entity and period: values of indicators, the things and entities an
   indicator is made of, and the facts that no indicator counts. #}
{% set facts = ['classes', 'exam', 'money', 'people', 'process', 'register', 'teaching'] %}
with wanted as (
    select distinct source, figure_code from {{ ref('rule_leg') }}
),

indicators as (
    select
        'indicator' as source, v.indicator_code as figure_code, v.region_code, v.entity_type, v.entity_id,
        v.period_type, v.period_id, v.stage, v.urban_rural, v.grade, v.subject, v.group_code,
        v.numerator, v.denominator, v.value, v.status
    from {{ ref('int_indicator_value') }} as v
    inner join wanted as w on w.source = 'indicator' and v.indicator_code = w.figure_code
    where v.exam_id = '_all'
),

scales as (
    select i.indicator_code, cast(i.scale as double) as scale
    from {{ ref('dim_indicator') }} as i
    inner join {{ ref('indicator_form') }} as o on i.indicator_code = o.indicator_code and o.form = 'relative'
),

-- A relative change from nothing has no value: the counts are compared, so that one is a rise and none is a fall.
changes as (
    select
        'relative' as source, v.indicator_code as figure_code, v.region_code, v.entity_type, v.entity_id,
        v.period_type, v.period_id, v.stage, v.urban_rural, v.grade, v.subject, v.group_code,
        v.numerator, v.denominator,
        case
            when v.value is null and v.denominator = 0 and v.numerator > 0 then 1.0 * f.scale
            when v.value is null and v.denominator = 0 and v.numerator = 0 then -1.0 * f.scale
            else v.value
        end as value,
        case when v.value is null and v.denominator = 0 and v.numerator >= 0 then 'ok' else v.status end as status
    from {{ ref('int_indicator_value') }} as v
    inner join wanted as w on w.source = 'relative' and v.indicator_code = w.figure_code
    inner join scales as f on v.indicator_code = f.indicator_code
    where v.exam_id = '_all'
),

things as (
    select
        'class' as source, t.indicator_code as figure_code, t.region_code, 'class' as entity_type,
        t.thing as entity_id, t.period_type, t.period_id, t.stage, 'all' as urban_rural, '_all' as grade,
        '_all' as subject, '_all' as group_code,
        cast(null as double) as numerator, cast(null as double) as denominator, cast(t.figure as double) as value,
        case when t.figure is null then 'not_reported' else 'ok' end as status
    from {{ ref('int_extreme_thing') }} as t
    inner join wanted as w on w.source = 'class' and t.indicator_code = w.figure_code
    where t.only_stage = t.stage
),

judged as (
    select
        'judged' as source, j.indicator_code as figure_code, j.region_code, 'school' as entity_type,
        j.entity_id, j.period_type, j.period_id, 'all' as stage, 'all' as urban_rural, '_all' as grade,
        '_all' as subject, '_all' as group_code,
        cast(max(j.o1) as double) as numerator, cast(null as double) as denominator,
        cast(max(j.verdict) as double) as value,
        case when max(j.verdict) is null then 'not_reported' else 'ok' end as status
    from {{ ref('int_indicator_judged') }} as j
    inner join wanted as w on w.source = 'judged' and j.indicator_code = w.figure_code
    where j.entity_type = 'entity'
    group by j.indicator_code, j.region_code, j.entity_id, j.period_type, j.period_id
),

attested as (
    select
        'attestation' as source, a.indicator_code as figure_code, a.region_code,
        case when a.entity_code = a.region_code then 'county' else 'school' end as entity_type,
        a.entity_code as entity_id, 'school_year' as period_type, a.school_year as period_id, 'all' as stage,
        'all' as urban_rural, '_all' as grade, '_all' as subject, '_all' as group_code,
        cast(null as double) as numerator, cast(null as double) as denominator,
        cast(min(case when a.is_affirmed then 1 else 0 end) as double) as value, 'ok' as status
    from {{ ref('fct_attestation') }} as a
    inner join wanted as w on w.source = 'attestation' and a.indicator_code = w.figure_code
    group by a.indicator_code, a.region_code, a.entity_code, a.school_year
)

select * from indicators
union all
select * from changes
union all
select * from things
union all
select * from judged
union all
select * from attested
{% for fact in facts %}
    union all
    select
        '{{ fact }}' as source, figure_code, region_code, entity_type, entity_id, period_type, period_id, stage,
        urban_rural, grade, subject, group_code, numerator, denominator, value, status
    from {{ ref('int_rule_figure__' ~ fact) }}
{% endfor %}
