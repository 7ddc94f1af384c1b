{{ config(materialized='table') }}

-- ICC(1) of a one-way analysis of variance of scores by school, from school sums alone:
-- n0 = (N - sum(n_i^2) / N) / (k - 1); ICC = (MSB - MSW) / (MSB + (n0 - 1) * MSW).
with schools as (
    select
        region_code,
        school_year,
        exam_id,
        grade,
        subject,
        stage,
        n_scored,
        cast(score_sum as double) as score_sum,
        score_sumsq
    from {{ ref('fct_exam_group_stat') }}
    where group_type = 'school'
),

county as (
    select
        region_code,
        school_year,
        exam_id,
        grade,
        subject,
        max(stage) as stage,
        cast({{ count_if('n_scored > 0') }} as integer) as k,
        cast({{ count_if('n_scored = 0') }} as integer) as n_missing,
        cast(sum(n_scored) as bigint) as n,
        cast(sum(n_scored * n_scored) as double) as n_squared,
        {{ exact_sum('score_sum', 2) }} as total,
        cast(sum(score_sumsq) as double) as total_sq,
        {{ exact_sum('score_sum * score_sum / nullif(n_scored, 0)', 10) }} as school_sq
    from schools
    group by region_code, school_year, exam_id, grade, subject
),

squares as (
    select
        county.*,
        total * 1.0 / nullif(n, 0) as mean_value,
        case when n > 0 then sqrt(greatest(total_sq * 1.0 / n - (total / n) * (total / n), 0)) end as sd_value,
        (school_sq - total * total / nullif(n, 0)) / nullif(k - 1, 0) as ms_between,
        (total_sq - school_sq) / nullif(n - k, 0) as ms_within,
        (n - n_squared / nullif(n, 0)) / nullif(k - 1, 0) as n0
    from county
)

select
    region_code,
    school_year,
    stage,
    exam_id,
    grade,
    subject,
    k as n_schools,
    n as weight_sum,
    mean_value,
    sd_value,
    (ms_between - ms_within) / nullif(ms_between + (n0 - 1) * ms_within, 0) as icc_value,
    n_missing,
    case
        when k = 0 then 'missing_values'
        when k = 1 then 'single_school'
        when ms_within is null or ms_between + (n0 - 1) * ms_within = 0 then 'undefined'
        else 'ok'
    end as status
from squares
