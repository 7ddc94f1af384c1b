with judged as (
    select
        region_code, school_year, indicator_code, stage, urban_rural,
        min(case status
            when 'missed' then 1
            when 'at_risk' then 2
            when 'met' then 3
            when 'no_data' then 4
            when 'not_due' then 5
            else 6
        end) as worst
    from {{ ref('fct_target_tracking') }}
    where is_published
    group by region_code, school_year, indicator_code, stage, urban_rural
)

select
    c.region_code,
    c.school_year,
    c.indicator_code,
    i.name_zh as indicator_name_zh,
    i.name_en as indicator_name_en,
    i.domain,
    i.unit,
    c.entity_type,
    c.entity_id,
    coalesce(s.school_name, r.region_name, c.region_code) as entity_name,
    c.period_type,
    c.period_id,
    c.stage,
    c.urban_rural,
    case when not c.is_hidden then c.numerator end as numerator,
    case when not c.is_hidden then c.denominator end as denominator,
    case when not c.is_hidden then c.value end as value,
    case
        when c.value is not null and c.is_hidden then 'c'
        when c.value is not null then 'A'
        when c.status in ('undefined', 'not_applicable') then 'z'
        else 'M'
    end as obs_status,
    case when c.value is not null and c.is_hidden then 'suppressed' when c.value is null then c.status end as reason,
    q.reason_zh,
    case
        when c.entity_type <> 'county' then 'not_applicable'
        when t.worst = 1 then 'missed'
        when t.worst = 2 then 'at_risk'
        when t.worst = 3 then 'met'
        when t.worst = 4 then 'no_data'
        when t.worst = 5 then 'not_due'
        when t.worst = 6 then 'informative'
        else 'no_target'
    end as target_status,
    c.definition_version
from {{ ref('int_published_value') }} as c
inner join {{ ref('dim_indicator') }} as i on c.indicator_code = i.indicator_code
left join {{ ref('dim_region') }} as r on c.region_code = r.region_code
left join {{ ref('dim_school') }} as s
    on
        c.entity_type in ('school', 'section')
        and c.school_year = s.school_year
        and s.school_code = case
            when c.entity_type = 'school' then c.entity_id
            else substr(c.entity_id, 1, greatest(length(c.entity_id) - length(c.stage) - 1, 0))
        end
left join judged as t
    on
        c.region_code = t.region_code
        and c.school_year = t.school_year
        and c.indicator_code = t.indicator_code
        and c.stage = t.stage
        and c.urban_rural = t.urban_rural
left join {{ ref('reason_code') }} as q
    on
        q.reason_code = case
            when c.value is not null and c.is_hidden then 'suppressed'
            when c.value is null then c.status
        end
