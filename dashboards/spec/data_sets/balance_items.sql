select
  b.region_name,
  b.school_year,
  b.school_name,
  b.school_name || '（' || {{ words(stage, b.stage) }} || '）' as section_name,
  {{ words(stage, b.stage) }} as stage_name,
  b.urban_rural as urban_rural_name,
  b.national_item || ' ' || {{ words(resource_item, b.item_code) }} as item_name,
  b.is_eligible,
  b.student_count,
  b.value as item_value,
  b.threshold_value,
  b.attainment,
  {{ words(conclusion, b.status) }} as status_name,
  {{ words(reason, b.reason) }} as reason_name,
  b.gap_units,
  {{ words(gap_unit, b.unit) }} as gap_unit_name,
  b.gap_cost_yuan
from internal.bi_balance_item as b
