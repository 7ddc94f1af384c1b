with parameters as (
    select
        school_year,
        max(case when parameter_code = 'value_added_match_rate_min' then value end) as match_rate_min,
        max(case when parameter_code = 'value_added_min_pupils_school' then value end) as min_pupils,
        max(case when parameter_code = 'value_added_shrinkage_k' then value end) as shrinkage_k
    from {{ ref('int_parameter__by_school_year') }}
    group by school_year
),

rated as (
    select
        grouped.*,
        stats.n_scored as exit_n,
        grouped.matched_n * 1.0 / nullif(stats.n_scored, 0) as match_rate,
        grouped.matched_total * 1.0 / nullif(grouped.exit_total, 0) as county_match_rate
    from {{ ref('int_value_added__grouped') }} as grouped
    inner join {{ ref('fct_exam_group_stat') }} as stats
        on
            grouped.region_code = stats.region_code
            and grouped.exit_exam_id = stats.exam_id
            and grouped.exit_year = stats.school_year
            and grouped.grade = stats.grade
            and grouped.subject = stats.subject
            and grouped.group_type = stats.group_type
            and grouped.group_code = stats.group_code
)

select
    rated.region_code,
    rated.entry_exam_id,
    rated.exit_exam_id,
    rated.entry_year,
    rated.exit_year,
    rated.subject,
    rated.grade,
    rated.stage,
    rated.group_type,
    rated.group_code,
    rated.matched_n,
    rated.exit_n,
    rated.matched_total,
    rated.exit_total,
    cast(rated.match_rate as double) as match_rate,
    rated.slope,
    rated.intercept,
    rated.mean_residual,
    sqrt(rated.residual_square_sum / nullif(rated.matched_n - 1, 0) / rated.matched_n) as se,
    rated.standard_score_growth,
    rated.percentile_progress,
    rated.mean_residual * rated.matched_n / (rated.matched_n + cast(parameters.shrinkage_k as double)) as shrunk_value,
    case
        when rated.county_match_rate < parameters.match_rate_min or rated.match_rate < parameters.match_rate_min
            then 'match_rate_low'
        when rated.matched_n < parameters.min_pupils then 'few_pupils'
        else 'none'
    end as flag
from rated
left join parameters on rated.exit_year = parameters.school_year
