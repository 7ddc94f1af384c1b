select
  v.region_name,
  v.indicator_name,
  {{ words(domain, v.domain) }} as domain_name,
  {{ words(unit, v.unit) }} as unit_name,
  {{ words(period_type, v.period_type) }} as period_type_name,
  v.period_id,
  {{ words(stage, v.stage) }} as stage_name,
  {{ words(urban_rural, v.urban_rural) }} as urban_rural_name,
  v.value as indicator_value,
  v.status
from internal.bi_indicator as v
where
  v.entity_type = 'county' and v.grade = '_all' and v.subject = '_all' and v.exam_id = '_all'
  and v.group_code = '_all'
