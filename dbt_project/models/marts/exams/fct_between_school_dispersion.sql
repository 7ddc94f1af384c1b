select
    region_code,
    school_year,
    stage,
    item_code,
    'cv_weighted' as kind,
    '_all' as exam_id,
    '_all' as grade,
    '_all' as subject,
    n_schools,
    weight_sum,
    mean_value,
    sd_value,
    cv_value,
    cast(null as double) as icc_value,
    n_missing,
    n_left_out,
    status
from {{ ref('int_resource_item__dispersed') }}
union all
select
    region_code,
    school_year,
    stage,
    'exam_score' as item_code,
    'icc_oneway' as kind,
    exam_id,
    cast(grade as varchar) as grade,
    subject,
    n_schools,
    weight_sum,
    mean_value,
    sd_value,
    cast(null as double) as cv_value,
    icc_value,
    n_missing,
    cast(0 as integer) as n_left_out,
    status
from {{ ref('int_exam_subject__dispersed') }}
