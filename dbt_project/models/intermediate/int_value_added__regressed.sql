{{ config(materialized='table') }}

-- The county's regression of exit z on entry z over matched pupils. z uses mean and population standard deviation of
-- all pupils with a score in the exam, so slope and intercept follow from raw sums: a z is a straight line of a score.
with standards as (
    select
        region_code,
        school_year,
        exam_id,
        grade,
        subject,
        n_scored,
        cast(score_sum as double) / n_scored as mean_score,
        sqrt(greatest(
            cast(score_sumsq as double) / n_scored
            - (cast(score_sum as double) / n_scored) * (cast(score_sum as double) / n_scored),
            0
        )) as sd_score
    from {{ ref('fct_exam_group_stat') }}
    where group_type = 'county' and n_scored > 0
),

matched as (
    select
        region_code,
        subject,
        grade,
        entry_exam_id,
        exit_exam_id,
        entry_year,
        exit_year,
        cast(sum(matched_n) as bigint) as matched_total,
        cast(sum(entry_sum) as double) as entry_sum,
        cast(sum(exit_sum) as double) as exit_sum,
        cast(sum(entry_sumsq) as double) as entry_sumsq,
        cast(sum(cross_sum) as double) as cross_sum
    from {{ ref('int_value_added__school_summed') }}
    group by region_code, subject, grade, entry_exam_id, exit_exam_id, entry_year, exit_year
),

fitted as (
    select
        matched.*,
        entry_exam.mean_score as entry_mean,
        entry_exam.sd_score as entry_sd,
        exit_exam.mean_score as exit_mean,
        exit_exam.sd_score as exit_sd,
        exit_exam.n_scored as exit_total,
        (matched.matched_total * matched.cross_sum - matched.entry_sum * matched.exit_sum)
        / nullif(matched.matched_total * matched.entry_sumsq - matched.entry_sum * matched.entry_sum, 0)
        * entry_exam.sd_score / nullif(exit_exam.sd_score, 0) as slope
    from matched
    inner join standards as entry_exam
        on
            matched.region_code = entry_exam.region_code
            and matched.entry_exam_id = entry_exam.exam_id
            and matched.entry_year = entry_exam.school_year
            and entry_exam.grade = matched.grade - 1
            and matched.subject = entry_exam.subject
    inner join standards as exit_exam
        on
            matched.region_code = exit_exam.region_code
            and matched.exit_exam_id = exit_exam.exam_id
            and matched.exit_year = exit_exam.school_year
            and matched.grade = exit_exam.grade
            and matched.subject = exit_exam.subject
)

select
    fitted.region_code,
    fitted.subject,
    fitted.grade,
    fitted.entry_exam_id,
    fitted.exit_exam_id,
    fitted.entry_year,
    fitted.exit_year,
    fitted.matched_total,
    fitted.exit_total,
    fitted.entry_mean,
    fitted.entry_sd,
    fitted.exit_mean,
    fitted.exit_sd,
    fitted.slope,
    (fitted.exit_sum / fitted.matched_total - fitted.exit_mean) / nullif(fitted.exit_sd, 0)
    - fitted.slope * (fitted.entry_sum / fitted.matched_total - fitted.entry_mean) / nullif(fitted.entry_sd, 0)
        as intercept
from fitted
