select
  r.region_name,
  p.project_name,
  p.project_category,
  {{ words(stage, p.stage) }} as stage_name,
  p.progress_month,
  p.physical_rate,
  p.planned_yuan,
  p.completed_yuan,
  p.paid_yuan
from internal.fct_project_progress as p
left join internal.dim_region as r on r.region_code = p.region_code
where p.is_leaf
