select
  t.region_name,
  t.school_year,
  t.document_name,
  case when length(t.document_name) > 18 then substr(t.document_name, 1, 17) || '…' else t.document_name end as document_short,
  t.target_id,
  coalesce(t.indicator_name, t.target_id) as indicator_name,
  {{ words(domain, i.domain) }} as domain_name,
  {{ listed(stage, t.stage) }} as stage_name,
  {{ words(urban_rural, t.urban_rural) }} as urban_rural_name,
  {{ words(judge, t.judge) }} as judge_name,
  t.target_value,
  t.actual_value,
  t.gap,
  {{ words(target_unit, t.unit_code) }} as unit_name,
  case
    when t.due_date is null then ''
    when t.due_date >= date '2099-01-01' then '长期'
    else cast(t.due_date as varchar)
  end as due_name,
  {{ words(status, t.status) }} as status_name,
  coalesce({{ words(reason, t.reason) }}, '') as reason_name
from internal.bi_target as t
left join internal.dim_indicator as i on i.indicator_code = t.indicator_code
