select
  v.region_name,
  v.indicator_code,
  v.indicator_name,
  {{ words(domain, v.domain) }} as domain_name,
  {{ words(unit, v.unit) }} as unit_name,
  v.period_id,
  {{ listed(stage, v.stage) }} as stage_name,
  v.value as indicator_value
from internal.bi_indicator as v
where
  v.entity_type = 'county' and v.period_type = 'school_year' and v.urban_rural = 'all' and v.grade = '_all'
  and v.subject = '_all' and v.exam_id = '_all' and v.group_code = '_all'
