{# Targets that may be published, on indicators that may. A value hidden in the indicator table is hidden here too. #}
select
    t.region_code,
    t.school_year,
    t.target_id,
    t.document_code,
    d.document_name,
    t.indicator_code,
    i.name_zh as indicator_name_zh,
    i.name_en as indicator_name_en,
    i.unit,
    t.stage,
    t.urban_rural,
    t.grade_scope as grade,
    t.subgroup,
    t.period_id,
    case when coalesce(c.is_hidden, false) then null else t.actual_value end as actual_value,
    t.target_value,
    case when coalesce(c.is_hidden, false) then null else t.gap end as gap,
    t.judge,
    t.due_date,
    t.status,
    t.reason,
    q.reason_zh,
    case
        when t.actual_value is not null and coalesce(c.is_hidden, false) then 'c'
        when t.actual_value is not null then 'A'
        when t.reason in ('undefined', 'not_applicable') then 'z'
        else 'M'
    end as obs_status
from {{ ref('fct_target_tracking') }} as t
inner join {{ ref('dim_indicator') }} as i on t.indicator_code = i.indicator_code
inner join {{ ref('dim_policy_document') }} as d on t.document_code = d.document_code
left join {{ ref('int_published_value') }} as c
    on
        t.region_code = c.region_code
        and t.school_year = c.school_year
        and t.indicator_code = c.indicator_code
        and t.stage = c.stage
        and t.urban_rural = c.urban_rural
        and c.entity_type = 'county'
left join {{ ref('reason_code') }} as q on t.reason = q.reason_code
where t.is_published and i.zone = 'published'
