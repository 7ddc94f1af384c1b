-- Least squares with an intercept: residuals of a county's matched pupils sum to zero; schools add up to the county.
select
    exit_exam_id,
    exit_year,
    grade,
    subject,
    group_type
from {{ ref('fct_value_added') }}
group by exit_exam_id, exit_year, grade, subject, group_type
having
    abs(sum(mean_residual * matched_n)) > 0.000001 * max(matched_total)
    or sum(matched_n) <> max(matched_total)
