{{ config(meta={'zone': 'restricted'}) }}
{# The coefficient of a resource item is computed once, over the sections that are assessed; an indicator has its item
   in the dispersion list. #}
select
    i.indicator_code,
    d.region_code,
    'county' as entity_type,
    d.region_code as entity_id,
    'school_year' as period_type,
    d.school_year as period_id,
    d.stage,
    'all' as urban_rural,
    '_all' as grade,
    '_all' as subject,
    '_all' as exam_id,
    '_all' as group_code,
    d.sd_value as numerator,
    d.mean_value as denominator,
    d.cv_value as value,
    case d.status when 'missing_values' then 'not_reported' when 'undefined' then 'undefined' else 'ok' end as status
from {{ ref('int_resource_item__dispersed') }} as d
inner join {{ ref('dispersion_item') }} as i on d.item_code = i.item_code and d.stage = i.stage
inner join {{ ref('indicator_form') }} as f on i.indicator_code = f.indicator_code and f.form = 'cv_weighted'
union all
{# The share of score variance between schools is counted once, with the exam facts. #}
select
    f.indicator_code,
    d.region_code,
    'county' as entity_type,
    d.region_code as entity_id,
    'school_year',
    d.school_year,
    d.stage,
    'all',
    d.grade,
    d.subject,
    d.exam_id,
    '_all',
    cast(null as double),
    cast(null as double),
    d.icc_value,
    case when d.status = 'ok' then 'ok' when d.status = 'missing_values' then 'not_reported' else 'undefined' end
from {{ ref('fct_between_school_dispersion') }} as d
inner join {{ ref('indicator_form') }} as f on d.kind = f.form
inner join {{ ref('int_indicator_scope') }} as s on f.indicator_code = s.indicator_code and d.stage = s.stage_scope
where d.kind = 'icc_oneway'
