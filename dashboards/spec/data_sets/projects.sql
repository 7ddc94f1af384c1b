with latest as (
  select
    region_code,
    project_code,
    progress_month,
    physical_rate,
    completed_yuan,
    paid_yuan,
    row_number() over (partition by region_code, project_code order by progress_month desc) as newest
  from internal.fct_project_progress
)

select
  r.region_name,
  p.project_code,
  p.project_name,
  p.project_category,
  p.project_type,
  {{ words(stage, p.stage) }} as stage_name,
  p.urban_rural as urban_rural_name,
  p.status as status_name,
  p.approved_on,
  p.started_on,
  p.completed_on,
  p.fund_source,
  p.planned_yuan,
  n.progress_month,
  n.physical_rate,
  n.completed_yuan,
  n.paid_yuan,
  n.paid_yuan / nullif(p.planned_yuan, 0) as paid_rate
from internal.fct_project as p
left join latest as n on n.region_code = p.region_code and n.project_code = p.project_code and n.newest = 1
left join internal.dim_region as r on r.region_code = p.region_code
where p.is_leaf
