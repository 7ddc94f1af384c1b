-- reads: fct_indicator_value, dim_indicator, dim_region, dim_school; for: county, school, research, accountability
select
  v.region_code,
  r.region_name,
  v.indicator_code,
  i.name_zh as indicator_name,
  i.domain,
  i.unit,
  i.direction,
  v.entity_type,
  v.entity_id,
  coalesce(s.school_name, case when v.entity_type = 'county' then r.region_name end, v.entity_id) as entity_name,
  v.period_type,
  v.period_id,
  v.stage,
  v.urban_rural,
  v.grade,
  v.subject,
  v.exam_id,
  v.group_code,
  v.numerator,
  v.denominator,
  v.value,
  v.status
from fct_indicator_value as v
left join dim_indicator as i on i.indicator_code = v.indicator_code
left join dim_region as r on r.region_code = v.region_code
left join dim_school as s
  on s.school_code = split_part(v.entity_id, '/', 1) and s.region_code = v.region_code
  and s.school_year = v.period_id and v.entity_type in ('school', 'section')
