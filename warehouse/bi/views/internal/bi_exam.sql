-- reads: fct_exam_group_stat, dim_exam, dim_region, dim_school; for: county, school, research, accountability
select
  g.region_code,
  r.region_name,
  g.school_year,
  g.exam_id,
  e.exam_name,
  e.exam_date,
  g.grade,
  g.subject,
  g.stage,
  g.group_type,
  g.group_code,
  coalesce(s.school_name, case when g.group_type = 'county' then r.region_name end, g.group_code) as group_name,
  g.n_registered,
  g.n_present,
  g.n_scored,
  g.n_absent,
  g.n_denominator,
  cast(g.score_sum as double precision) / nullif(g.n_scored, 0) as mean_score,
  cast(g.n_excellent as double precision) / nullif(g.n_denominator, 0) as excellent_rate,
  cast(g.n_pass as double precision) / nullif(g.n_denominator, 0) as pass_rate,
  cast(g.n_low as double precision) / nullif(g.n_denominator, 0) as low_rate
from fct_exam_group_stat as g
left join dim_exam as e on e.exam_id = g.exam_id and e.region_code = g.region_code
left join dim_region as r on r.region_code = g.region_code
left join dim_school as s
  on s.school_code = g.group_code and s.school_year = g.school_year and s.region_code = g.region_code
  and g.group_type = 'school'
