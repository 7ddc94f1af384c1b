{{ config(meta={'zone': 'restricted'}) }}
{# Values of every kind, and for each edition of a region a reason where an indicator has none for the county. #}
with valued as (
    select
        indicator_code, region_code, entity_type, entity_id, period_type, period_id, stage, urban_rural,
        grade, subject, exam_id, group_code,
        numerator, denominator, value, status
    from {{ ref('int_indicator_basic') }}
    union all
    select
        indicator_code, region_code, entity_type, entity_id, period_type, period_id, stage, urban_rural,
        grade, subject, exam_id, group_code,
        numerator, denominator, value, status
    from {{ ref('int_indicator__composite') }}
    union all
    select
        indicator_code, region_code, entity_type, entity_id, period_type, period_id, stage, urban_rural,
        grade, subject, exam_id, group_code,
        numerator, denominator, value, status
    from {{ ref('int_indicator__share_of_entities') }}
),

kept as (
    select v.*
    from valued as v
    inner join {{ ref('dim_indicator') }} as i on v.indicator_code = i.indicator_code
    where v.entity_type = 'county' or ';' || i.aggregates_to || ';' like '%;' || v.entity_type || ';%'
),

expected as (
    select e.*, i.stage, i.aggregates_to, f.form
    from {{ ref('int_edition_indicator') }} as e
    inner join {{ ref('dim_indicator') }} as i on e.indicator_code = i.indicator_code
    inner join {{ ref('indicator_form') }} as f on e.indicator_code = f.indicator_code
),

regions as (
    select distinct region_code from {{ ref('dim_edition') }}
),

-- A term, or a source no measure names, that the region never sent.
lacking as (
    select distinct e.region_code, r.indicator_code
    from {{ ref('indicator_requirement') }} as r
    cross join regions as e
    left join {{ ref('fct_measure') }} as m
        on r.term_code = m.term_code and e.region_code = m.region_code and m.value is not null
    where m.term_code is null
    union
    select distinct e.region_code, s.indicator_code
    from {{ ref('indicator_source') }} as s
    cross join regions as e
    where s.source not in (select l.source from {{ ref('stg_ledger__submission') }} as l)
),

reasons as (
    select
        x.indicator_code,
        x.region_code,
        'county' as entity_type,
        x.region_code as entity_id,
        x.period_type,
        x.period_id,
        x.stage,
        'all' as urban_rural,
        '_all' as grade,
        '_all' as subject,
        '_all' as exam_id,
        '_all' as group_code,
        cast(null as double) as numerator,
        cast(null as double) as denominator,
        cast(null as double) as value,
        case
            when x.form = 'attested' then 'awaiting_attestation'
            when x.form <> 'unsupported' or l.indicator_code is not null then 'not_reported'
            else 'not_computed'
        end as status
    from expected as x
    left join lacking as l on x.region_code = l.region_code and x.indicator_code = l.indicator_code
    where
        not exists (
            select 1
            from kept as k
            where
                k.indicator_code = x.indicator_code
                and k.region_code = x.region_code
                and k.period_id = x.period_id
                and (k.entity_type = 'county' or x.aggregates_to not like '%county%')
        )
),

known as (
    select * from kept
    union all
    select * from reasons
),

reported as (
    select distinct region_code, period_type, period_id
    from {{ ref('int_scope_populated') }}
)

select
    v.indicator_code, v.region_code, v.entity_type, v.entity_id, v.period_type, v.period_id, v.stage, v.urban_rural,
    v.grade, v.subject, v.exam_id, v.group_code,
    v.numerator, v.denominator, v.value,
    -- Nothing over nothing, where there is no school the ratio could be about: no school of the stage, or of the area.
    case
        when v.status = 'undefined' and v.entity_type = 'county' and r.region_code is not null and s.region_code is null
            then 'not_applicable'
        else v.status
    end as status,
    i.definition_version, i.zone
from known as v
inner join {{ ref('dim_indicator') }} as i on v.indicator_code = i.indicator_code
left join reported as r on v.region_code = r.region_code and v.period_type = r.period_type and v.period_id = r.period_id
left join {{ ref('int_scope_populated') }} as s
    on
        v.region_code = s.region_code
        and v.period_type = s.period_type
        and v.period_id = s.period_id
        and v.stage = s.stage_scope
        and v.urban_rural = s.urban_rural
