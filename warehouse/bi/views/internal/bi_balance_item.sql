-- reads: fct_balance_school_item, dim_indicator, dim_region, dim_school; for: county, school, research, accountability
select
  b.region_code,
  r.region_name,
  b.school_year,
  b.school_code,
  s.school_name,
  s.urban_rural,
  b.stage,
  b.national_item,
  b.item_code,
  i.name_zh as indicator_name,
  b.is_eligible,
  b.student_count,
  b.value,
  b.threshold_value,
  b.attainment,
  b.status,
  b.reason,
  b.unit,
  b.gap_units,
  b.gap_cost_yuan
from fct_balance_school_item as b
left join dim_indicator as i on i.indicator_code = b.indicator_code
left join dim_region as r on r.region_code = b.region_code
left join dim_school as s
  on s.school_code = b.school_code and s.school_year = b.school_year and s.region_code = b.region_code
