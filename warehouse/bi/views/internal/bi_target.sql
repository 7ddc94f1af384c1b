-- reads: fct_target_tracking, dim_indicator, dim_region, dim_policy_document; for: county, school, research, accountability
select
  t.region_code,
  r.region_name,
  t.school_year,
  t.target_id,
  t.document_code,
  d.document_name,
  t.indicator_code,
  i.name_zh as indicator_name,
  t.stage,
  t.urban_rural,
  t.period_id,
  t.judge,
  t.direction,
  t.target_value,
  t.actual_value,
  t.gap,
  t.unit_code,
  t.due_date,
  t.timing,
  t.status,
  t.reason
from fct_target_tracking as t
left join dim_indicator as i on i.indicator_code = t.indicator_code
left join dim_region as r on r.region_code = t.region_code
left join dim_policy_document as d on d.document_code = t.document_code
