{{ config(meta={'zone': 'restricted'}) }}
{# What follows teachers through tests, for the officer named and nobody else: how many of the four rates stand among
   the county's last in the year's last exam, for how many years on end, and how often the mean was below the parallel
   classes' over three years. Groups too small, and teachers with too few tests, are not judged. #}
with {{ teacher_bottom_metrics() }},

-- A teacher of two grades in one subject is in the bottom of the subject only where every grade is.
years as (
    select
        region_code, school_year, teacher_key, subject, stage, min(bottom_count) as bottom_count,
        case when min(bottom_count) >= max(metrics) then 0 else 1 end as is_break,
        {{ school_year_start('school_year') }} as start_year
    from metrics
    where bottom_count is not null
    group by region_code, school_year, teacher_key, subject, stage
),

-- A year without a judged test ends a streak as a better one does.
followed as (
    select
        *,
        lag(start_year) over (partition by region_code, teacher_key, subject order by start_year) as year_before
    from years
),

ended as (
    select
        *,
        {{ streak_end('is_break', 'start_year', 'year_before') }} as end_year
    from followed
),

streaks as (
    select
        *,
        start_year - max(end_year) over (
            partition by region_code, teacher_key, subject order by start_year
            rows between unbounded preceding and current row
        ) as streak
    from ended
),

cycle as (
    select
        n.region_code, n.school_year, n.teacher_key, n.stage,
        count(*) as tests, sum(case when t.mean_score < t.parallel_mean then 1 else 0 end) as below
    from (
        select distinct region_code, school_year, teacher_key, stage from {{ ref('int_teacher_test') }}
    ) as n
    inner join {{ ref('int_teacher_test') }} as t
        on
            n.region_code = t.region_code
            and n.teacher_key = t.teacher_key
            and t.has_parallel
            and {{ school_year_start('t.school_year') }}
            between {{ school_year_start('n.school_year') }} - 2 and {{ school_year_start('n.school_year') }}
    group by n.region_code, n.school_year, n.teacher_key, n.stage
),

figures as (
    select
        f.indicator_code, y.region_code, y.teacher_key, y.school_year, y.stage, y.subject,
        cast(case f.form when 'teacher_bottom' then y.bottom_count else y.streak end as double) as figure,
        cast(null as double) as numerator, cast(null as double) as denominator
    from streaks as y
    inner join {{ ref('indicator_form') }} as f on f.form in ('teacher_bottom', 'teacher_bottom_streak')
    union all
    select
        f.indicator_code, c.region_code, c.teacher_key, c.school_year, c.stage, '_all',
        c.below * 100.0 / c.tests, cast(c.below as double), cast(c.tests as double)
    from cycle as c
    inner join limits as l on c.school_year = l.school_year and c.tests >= l.min_tests
    inner join {{ ref('indicator_form') }} as f on f.form = 'below_parallel_share'
)

select
    indicator_code,
    region_code,
    'teacher' as entity_type,
    teacher_key as entity_id,
    'school_year' as period_type,
    school_year as period_id,
    stage,
    'all' as urban_rural,
    '_all' as grade,
    subject,
    '_all' as exam_id,
    '_all' as group_code,
    numerator,
    denominator,
    figure as value,
    'ok' as status
from figures
