-- Mean, pass and excellent rate of a school, each as a share of the best school's, weighted by parameters. The best is
-- looked for among schools that are large enough to be judged.
with weights as (
    select
        school_year,
        max(case when parameter_code = 'exam_composite_weight_mean' then value end) as weight_mean,
        max(case when parameter_code = 'exam_composite_weight_pass' then value end) as weight_pass,
        max(case when parameter_code = 'exam_composite_weight_excellent' then value end) as weight_excellent,
        max(case when parameter_code = 'exam_min_group_pupils' then value end) as min_pupils
    from {{ ref('int_parameter__by_school_year') }}
    group by school_year
),

schools as (
    select
        stats.region_code,
        stats.school_year,
        stats.exam_id,
        stats.stage,
        stats.grade,
        stats.subject,
        stats.group_code as school_code,
        stats.n_scored,
        stats.n_denominator,
        cast(stats.score_sum as double) / nullif(stats.n_scored, 0) as mean_score,
        100.0 * cast(stats.n_pass as double) / nullif(stats.n_denominator, 0) as pass_rate,
        100.0 * cast(stats.n_excellent as double) / nullif(stats.n_denominator, 0) as excellent_rate,
        weights.weight_mean,
        weights.weight_pass,
        weights.weight_excellent,
        stats.n_scored >= weights.min_pupils as is_judged
    from {{ ref('fct_exam_group_stat') }} as stats
    inner join weights on stats.school_year = weights.school_year
    where stats.group_type = 'school'
),

best as (
    select
        region_code,
        school_year,
        exam_id,
        grade,
        subject,
        max(mean_score) as best_mean_score,
        max(pass_rate) as best_pass_rate,
        max(excellent_rate) as best_excellent_rate
    from schools
    where is_judged
    group by region_code, school_year, exam_id, grade, subject
),

joined as (
    select
        schools.*,
        best.best_mean_score,
        best.best_pass_rate,
        best.best_excellent_rate,
        schools.weight_mean * schools.mean_score / nullif(best.best_mean_score, 0)
        + schools.weight_pass * schools.pass_rate / nullif(best.best_pass_rate, 0)
        + schools.weight_excellent * schools.excellent_rate / nullif(best.best_excellent_rate, 0) as points
    from schools
    left join best
        on
            schools.region_code = best.region_code
            and schools.school_year = best.school_year
            and schools.exam_id = best.exam_id
            and schools.grade = best.grade
            and schools.subject = best.subject
)

select
    joined.region_code,
    joined.school_year,
    joined.exam_id,
    joined.stage,
    joined.grade,
    joined.subject,
    keys.school_key,
    joined.school_code,
    joined.n_scored,
    joined.n_denominator,
    joined.mean_score,
    joined.pass_rate,
    joined.excellent_rate,
    joined.best_mean_score,
    joined.best_pass_rate,
    joined.best_excellent_rate,
    cast(joined.weight_mean as double) as weight_mean,
    cast(joined.weight_pass as double) as weight_pass,
    cast(joined.weight_excellent as double) as weight_excellent,
    case when joined.is_judged then cast(joined.points as double) end as composite_value,
    case
        when not joined.is_judged then 'few_pupils'
        when joined.pass_rate is null or joined.excellent_rate is null then 'no_cut'
        when joined.points is null then 'undefined'
        else 'ok'
    end as status
from joined
left join {{ ref('dim_school') }} as keys
    on joined.school_code = keys.school_code and joined.school_year = keys.school_year
