select
  r.region_name,
  d.school_year,
  e.exam_name,
  e.exam_date,
  {{ words(stage, d.stage) }} as stage_name,
  lpad(cast(d.grade as varchar), 2, ' ') || ' 年级' as grade_name,
  d.subject,
  d.n_schools as school_count,
  d.n_missing as missing_count,
  d.icc_value,
  d.status
from internal.fct_between_school_dispersion as d
left join internal.dim_region as r on r.region_code = d.region_code
left join internal.dim_exam as e
  on e.exam_id = d.exam_id and e.region_code = d.region_code and e.school_year = d.school_year
where d.kind = 'icc_oneway'
