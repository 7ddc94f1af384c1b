select
  b.region_name,
  b.fiscal_year,
  b.unit_name,
  coalesce(b.project_category, '未列类别') as project_category,
  coalesce(nullif(b.project_name, ''), '未列项目') as project_name,
  coalesce(b.fund_source, '未列来源') as fund_source,
  {{ words(stage, b.stage) }} as stage_name,
  b.money_kind,
  b.amount_yuan
from internal.bi_budget as b
