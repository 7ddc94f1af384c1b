select
  r.region_name,
  s.school_year,
  d.school_name || '（' || {{ words(stage, s.stage) }} || '）' as section_name,
  {{ words(stage, s.stage) }} as stage_name,
  d.urban_rural as urban_rural_name,
  s.student_count,
  s.is_eligible,
  s.item_count,
  s.known_count,
  s.items_met_count,
  s.lowest_attainment,
  {{ words(resource_item, s.lowest_item_code) }} as lowest_item_name,
  {{ words(conclusion, s.status) }} as status_name,
  {{ words(reason, s.reason) }} as reason_name,
  s.gap_cost_yuan
from internal.fct_balance_section as s
left join internal.dim_region as r on r.region_code = s.region_code
left join internal.dim_school as d
  on d.school_code = s.school_code and d.school_year = s.school_year and d.region_code = s.region_code
