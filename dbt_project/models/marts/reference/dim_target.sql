select
    t.target_id,
    t.document_code,
    t.region_code,
    t.indicator_code,
    t.stage,
    t.urban_rural,
    nullif(t.grade, '') as grade_scope,
    nullif(t.subgroup, '') as subgroup,
    coalesce(s.is_label, 'yes') = 'yes' as is_whole_scope,
    coalesce(nullif(s.urban_rural, ''), t.urban_rural) as compared_urban_rural,
    t.judge,
    j.direction,
    t.judge = 'at_most' and t.comparator = '<' as is_strict,
    j.is_inclusive = 'yes' and not (t.judge = 'at_most' and t.comparator = '<') as is_inclusive,
    t.bound,
    cast(t.value_num as decimal(24, 6)) as target_value,
    t.unit_code,
    {# An indicator that is a change already is compared with the value; a level is differenced first. #}
    t.judge like 'change_%' and t.unit_code not like '%_change' as is_differenced,
    t.recurrence,
    t.measure_at,
    t.clock,
    cast(t.period_start as date) as period_start,
    cast(t.period_end as date) as period_end,
    cast(t.due_date as date) as due_date,
    t.is_published = 'yes' as is_published,
    t.value_basis,
    t.evidence,
    d.duplicate_of_target_id
from {{ ref('policy_targets') }} as t
inner join {{ ref('target_judge') }} as j on t.judge = j.judge
left join {{ ref('target_subgroup') }} as s on t.document_code = s.document_code and t.subgroup = s.subgroup
left join {{ ref('target_duplicate') }} as d on t.target_id = d.target_id
