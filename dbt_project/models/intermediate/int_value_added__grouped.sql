{{ config(materialized='table') }}

-- Residuals of a group (school or county) from its sums: mean, and the sum of squares about that mean.
with members as (
    select
        'school' as group_type,
        school_code as group_code,
        summed.*
    from {{ ref('int_value_added__school_summed') }} as summed
    union all
    select
        'county' as group_type,
        region_code as group_code,
        summed.*
    from {{ ref('int_value_added__school_summed') }} as summed
),

grouped as (
    select
        region_code,
        subject,
        grade,
        entry_exam_id,
        exit_exam_id,
        entry_year,
        exit_year,
        group_type,
        group_code,
        max(stage) as stage,
        cast(sum(matched_n) as bigint) as matched_n,
        cast(sum(entry_sum) as double) / sum(matched_n) as entry_mean,
        cast(sum(exit_sum) as double) / sum(matched_n) as exit_mean,
        cast(sum(entry_sumsq) as double) / sum(matched_n) as entry_meansq,
        cast(sum(exit_sumsq) as double) / sum(matched_n) as exit_meansq,
        cast(sum(cross_sum) as double) / sum(matched_n) as cross_mean,
        {{ exact_sum('exit_percentile_sum - entry_percentile_sum', 10) }} / sum(matched_n) as percentile_progress
    from members
    group by
        region_code, subject, grade, entry_exam_id, exit_exam_id, entry_year, exit_year, group_type, group_code
)

select
    grouped.region_code,
    grouped.subject,
    grouped.grade,
    grouped.stage,
    grouped.entry_exam_id,
    grouped.exit_exam_id,
    grouped.entry_year,
    grouped.exit_year,
    grouped.group_type,
    grouped.group_code,
    grouped.matched_n,
    line.matched_total,
    line.exit_total,
    line.slope,
    line.intercept,
    (grouped.exit_mean - line.exit_mean) / nullif(line.exit_sd, 0)
    - line.intercept
    - line.slope * (grouped.entry_mean - line.entry_mean) / nullif(line.entry_sd, 0) as mean_residual,
    -- T = 50 + 10 z is the standard score by its definition; its growth is the exit's less the entry's.
    10 * (
        (grouped.exit_mean - line.exit_mean) / nullif(line.exit_sd, 0)
        - (grouped.entry_mean - line.entry_mean) / nullif(line.entry_sd, 0)
    ) as standard_score_growth,
    grouped.percentile_progress,
    case
        when line.entry_sd > 0 and line.exit_sd > 0
            then
                greatest(
                    (grouped.exit_meansq - grouped.exit_mean * grouped.exit_mean) / (line.exit_sd * line.exit_sd)
                    + line.slope * line.slope
                    * (grouped.entry_meansq - grouped.entry_mean * grouped.entry_mean) / (line.entry_sd * line.entry_sd)
                    - 2 * line.slope
                    * (grouped.cross_mean - grouped.entry_mean * grouped.exit_mean) / (line.entry_sd * line.exit_sd),
                    0
                ) * grouped.matched_n
    end as residual_square_sum
from grouped
inner join {{ ref('int_value_added__regressed') }} as line
    on
        grouped.region_code = line.region_code
        and grouped.subject = line.subject
        and grouped.grade = line.grade
        and grouped.entry_exam_id = line.entry_exam_id
        and grouped.exit_exam_id = line.exit_exam_id
        and grouped.entry_year = line.entry_year
        and grouped.exit_year = line.exit_year
