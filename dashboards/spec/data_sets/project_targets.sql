select
  r.region_name,
  t.fiscal_year,
  t.project_name,
  t.level1,
  t.level2,
  t.level3,
  case t.comparator
    when '>=' then '不低于' when '<=' then '不超过' when '>' then '高于' when '<' then '低于' when '=' then '等于'
    else t.comparator
  end as comparator,
  t.target_value,
  t.measure_unit,
  t.actual_value,
  case when t.is_met then '达标' when not t.is_met then '未达标' else '无数据' end as status_name
from internal.fct_project_target as t
left join internal.dim_region as r on r.region_code = t.region_code
