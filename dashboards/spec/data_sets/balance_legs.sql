select
  r.region_name,
  g.school_year,
  g.leg_id,
  g.sort_order,
  {{ words(leg_group, g.leg_group) }} as group_name,
  g.name_zh as leg_name,
  replace(g.name_zh, '校际差异系数', '') || '（' || {{ words(stage, g.stage) }} || '）' as leg_label,
  {{ words(stage, g.stage) }} as stage_name,
  g.value as leg_value,
  g.limit_value,
  {{ words(conclusion, g.status) }} as status_name,
  coalesce({{ words(reason, g.reason) }}, '') as reason_name,
  g.entity_count,
  g.undecided_count,
  g.legal_basis
from internal.fct_balance_leg as g
left join internal.dim_region as r on r.region_code = g.region_code
