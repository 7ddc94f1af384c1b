{{ config(meta={'zone': 'restricted'}) }}
{# Consecutive exams in which a school's mean standard score fell, up to the last exam of each school year. #}
with sittings as (
    select
        v.indicator_code, v.region_code, v.entity_id, v.period_type, v.period_id, v.stage, v.exam_id, e.exam_date,
        sum(v.numerator) * 1.0 / nullif(sum(v.denominator), 0) as mean_score
    from {{ ref('int_indicator_paired') }} as v
    inner join {{ ref('dim_exam') }} as e on v.exam_id = e.exam_id and v.period_id = e.school_year
    where v.form = 'decline_streak' and v.entity_type = 'school'
    group by v.indicator_code, v.region_code, v.entity_id, v.period_type, v.period_id, v.stage, v.exam_id, e.exam_date
),

followed as (
    select
        *,
        lag(mean_score) over (
            partition by indicator_code, region_code, entity_id, stage order by exam_date, exam_id
        ) as mean_before
    from sittings
),

compared as (
    select
        *,
        case when mean_score < mean_before then 0 else 1 end as is_break
    from followed
),

runs as (
    select
        *,
        sum(is_break) over (
            partition by indicator_code, region_code, entity_id, stage order by exam_date, exam_id
            rows between unbounded preceding and current row
        ) as run_no
    from compared
),

counted as (
    select
        *,
        row_number() over (
            partition by indicator_code, region_code, entity_id, stage, run_no order by exam_date, exam_id
        ) - 1 as falls,
        row_number() over (
            partition by indicator_code, region_code, entity_id, stage, period_id
            order by exam_date desc nulls last, exam_id desc
        ) as from_last
    from runs
)

select
    indicator_code,
    region_code,
    'school' as entity_type,
    entity_id,
    period_type,
    period_id,
    stage,
    'all' as urban_rural,
    '_all' as grade,
    '_all' as subject,
    '_all' as exam_id,
    '_all' as group_code,
    cast(null as double) as numerator,
    cast(null as double) as denominator,
    cast(falls as double) as value,
    'ok' as status
from counted
where from_last = 1
union all
{# Years on end, up to each year, in which a school stood among the last of its peers. #}
select
    indicator_code, region_code, 'school', school_code, period_type, period_id, 'all', 'all', '_all', '_all', '_all',
    '_all', cast(null as double), cast(null as double), cast(streak as double), 'ok'
from {{ ref('int_school_bottom_streak') }}
