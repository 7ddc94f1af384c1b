{{ config(meta={'zone': 'restricted'}) }}
{# Figures of exams that rules ask for by school, teacher or planned test. #}
with sittings as (
    select
        v.region_code, v.entity_id, v.period_id, v.stage, v.exam_id, e.exam_date,
        sum(v.numerator) * 1.0 / nullif(sum(v.denominator), 0) as mean_score
    from {{ ref('int_indicator_paired') }} as v
    inner join {{ ref('dim_exam') }} as e on v.exam_id = e.exam_id and v.period_id = e.school_year
    where v.form = 'decline_streak' and v.entity_type = 'school'
    group by v.region_code, v.entity_id, v.period_id, v.stage, v.exam_id, e.exam_date
),

followed as (
    select
        *,
        lag(mean_score) over (partition by region_code, entity_id, stage order by exam_date, exam_id) as mean_before,
        row_number() over (
            partition by region_code, entity_id, stage, period_id order by exam_date desc nulls last, exam_id desc
        ) as from_last
    from sittings
),

stats as (
    select
        s.*, cast(c.score_sum as double) / nullif(c.n_scored, 0) as county_mean,
        sqrt(greatest(
            cast(c.score_sumsq as double) / nullif(c.n_scored, 0)
            - cast(c.score_sum as double) / nullif(c.n_scored, 0)
            * (cast(c.score_sum as double) / nullif(c.n_scored, 0)),
            0.0
        )) as county_sd
    from {{ ref('fct_exam_group_stat') }} as s
    inner join {{ ref('fct_exam_group_stat') }} as c
        on
            s.region_code = c.region_code
            and s.school_year = c.school_year
            and s.exam_id = c.exam_id
            and s.grade = c.grade
            and s.subject = c.subject
            and c.group_type = 'county'
    where s.group_type = 'school' and s.n_scored > 0
),

held as (
    select distinct
        c.region_code, c.school_year, c.stage, c.grade, c.subject, c.exam_id, e.exam_date, e.term_code
    from {{ ref('fct_exam_group_stat') }} as c
    inner join {{ ref('dim_exam') }} as e on c.exam_id = e.exam_id and c.school_year = e.school_year
    where c.group_type = 'county' and c.n_scored > 0
),

figures as (
    select
        'school_standard_change' as figure_code, region_code, 'school' as entity_type, entity_id,
        'school_year' as period_type, period_id, stage, '_all' as grade, '_all' as subject, '_all' as group_code,
        mean_score as numerator, mean_before as denominator, mean_score - mean_before as value,
        'single_exam' as status
    from followed
    where from_last = 1
    union all
    select
        'exams_of_term', s.region_code, 'school', s.group_code, 'school_year', s.school_year, s.stage,
        cast(s.grade as varchar), '_all', e.term_code, cast(null as double), cast(null as double),
        cast(count(distinct s.exam_id) as double), 'no_value'
    from stats as s
    inner join {{ ref('dim_exam') }} as e on s.exam_id = e.exam_id and s.school_year = e.school_year
    where e.term_code is not null
    group by s.region_code, s.group_code, s.school_year, s.stage, s.grade, e.term_code
    union all
    select
        'county_exams_of_term', h.region_code, 'county', h.region_code as entity_id, 'school_year', h.school_year,
        h.stage,
        cast(h.grade as varchar), '_all', h.term_code, cast(null as double), cast(null as double),
        cast(count(distinct h.exam_id) as double), 'no_value'
    from held as h
    where h.term_code is not null
    group by h.region_code, h.school_year, h.stage, h.grade, h.term_code
    union all
    select
        'focus_standard_score', region_code, 'school', group_code, 'school_year', school_year, stage,
        cast(grade as varchar), '_all', '_all', cast(null as double), cast(sum(n_scored) as double),
        {{ exact_sum('(cast(score_sum as double) - n_scored * county_mean) / nullif(county_sd, 0)', 10) }}
        / nullif(cast(sum(n_scored) as double), 0),
        'undefined'
    from stats
    group by region_code, group_code, school_year, stage, grade
    union all
    select
        'planned_test_held', p.region_code, 'county', p.region_code as entity_id, 'school_year', p.school_year,
        p.stage, cast(p.grade as varchar), p.subject, p.planned_month, cast(null as double), cast(null as double),
        cast(max(case when h.exam_id is not null then 1 else 0 end) as double), 'no_value'
    from {{ ref('fct_exam_plan') }} as p
    left join held as h
        on
            p.region_code = h.region_code
            and p.school_year = h.school_year
            and p.grade = h.grade
            and p.subject = h.subject
            and substr(cast(h.exam_date as varchar), 1, 7) = p.planned_month
    group by p.region_code, p.school_year, p.stage, p.grade, p.subject, p.planned_month
    union all
    select
        'national_level', region_code, 'county', region_code as entity_id, 'calendar_year',
        cast(calendar_year as varchar), stage, cast(grade as varchar), subject, '_all', cast(null as double),
        cast(null as double),
        cast(min(level_no) as double), 'no_value'
    from {{ ref('fct_national_monitoring') }}
    group by region_code, calendar_year, stage, grade, subject
    union all
    select
        'national_difference_rate', region_code, 'county', region_code as entity_id, 'calendar_year',
        cast(calendar_year as varchar), stage, cast(grade as varchar), subject, '_all', cast(null as double),
        cast(null as double), cast(max(difference_rate) as double), 'no_value'
    from {{ ref('fct_national_monitoring') }}
    group by region_code, calendar_year, stage, grade, subject
)

select
    figure_code, region_code, entity_type, entity_id, period_type, period_id, stage, 'all' as urban_rural, grade,
    subject, group_code, numerator, denominator, value,
    case when value is null then status else 'ok' end as status
from figures
