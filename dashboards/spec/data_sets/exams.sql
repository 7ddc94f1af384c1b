select
  x.region_name,
  x.school_year,
  x.exam_name,
  x.exam_date,
  {{ words(stage, x.stage) }} as stage_name,
  lpad(cast(x.grade as varchar), 2, ' ') || ' 年级' as grade_name,
  x.subject,
  x.group_type,
  x.group_name,
  x.n_registered as registered_count,
  x.n_present as present_count,
  x.n_absent as absent_count,
  x.n_scored as scored_count,
  x.n_denominator as denominator_count,
  x.mean_score as mean_value,
  p.full_mark as full_mark_value,
  x.excellent_rate,
  x.pass_rate,
  x.low_rate
from internal.bi_exam as x
left join internal.dim_exam_subject as p
  on p.exam_id = x.exam_id and p.region_code = x.region_code and p.school_year = x.school_year
  and p.grade = x.grade and p.subject = x.subject
