{{ config(meta={'zone': 'restricted'}) }}
{# Whether things were done: tasks of a plan, kinds of evaluation on record, ranks among what is published. #}
with overdue as (
    select
        region_code, school_year, document_code,
        sum(case when status = 'overdue' then 1 else 0 end) as overdue_count, count(*) as task_count
    from {{ ref('fct_milestone_status') }}
    where document_code is not null and status <> 'not_due'
    group by region_code, school_year, document_code
),

records as (
    select
        region_code, school_year, group_code as school_code, '结果评价' as evaluation, count(*) as record_count,
        count(*) as usable_count
    from {{ ref('fct_exam_group_stat') }}
    where group_type = 'school' and n_scored > 0
    group by region_code, school_year, group_code
    union all
    select region_code, school_year, school_code, '过程评价', count(*), count(*)
    from {{ ref('fct_inspection') }}
    where done_count > 0
    group by region_code, school_year, school_code
    union all
    select
        region_code, exit_year, group_code, '增值评价', count(*),
        sum(case when flag = 'match_rate_low' then 0 else 1 end)
    from {{ ref('fct_value_added') }}
    where group_type = 'school'
    group by region_code, exit_year, group_code
    union all
    select a.region_code, e.school_year, a.school_code, '综合评价', count(*), count(*)
    from {{ ref('fct_school_assessment') }} as a
    inner join {{ ref('dim_edition') }} as e on a.region_code = e.region_code and a.calendar_year = e.calendar_year
    where a.score is not null
    group by a.region_code, e.school_year, a.school_code
),

kinds as (
    select distinct region_code, school_year, evaluation from records
),

schools as (
    select distinct s.region_code, s.school_year, s.school_code
    from {{ ref('fct_school_resource_snapshot') }} as s
    inner join {{ ref('stage_scope') }} as g on s.stage = g.stage and g.stage_scope = 'primary;junior'
),

ranks as (
    select count(*) as rank_count
    from {{ ref('dim_indicator') }}
    where kind = 'rank' and zone = 'published'
),

figures as (
    select
        'overdue_milestones' as figure_code, region_code, 'county' as entity_type, region_code as entity_id,
        school_year, document_code as group_code, cast(null as double) as numerator,
        cast(task_count as double) as denominator, cast(overdue_count as double) as value, 'ok' as status
    from overdue
    union all
    -- A kind that the region kept for some school of the year, and not for this one.
    select
        'evaluation_records', s.region_code, 'school', s.school_code, s.school_year, k.evaluation,
        cast(null as double), cast(null as double),
        case when r.record_count > 0 and r.usable_count = 0 then null
            else cast(coalesce(r.usable_count, 0) as double)
        end,
        case when r.record_count > 0 and r.usable_count = 0 then 'match_rate_low' else 'ok' end
    from schools as s
    inner join kinds as k on s.region_code = k.region_code and s.school_year = k.school_year
    left join records as r
        on
            s.region_code = r.region_code
            and s.school_year = r.school_year
            and s.school_code = r.school_code
            and k.evaluation = r.evaluation
    union all
    select
        'published_ranks', e.region_code, 'county', e.region_code as entity_id, e.school_year, '_all',
        cast(null as double), cast(null as double), cast(r.rank_count as double), 'ok'
    from {{ ref('dim_edition') }} as e
    cross join ranks as r
)

select
    figure_code, region_code, entity_type, entity_id, 'school_year' as period_type, school_year as period_id,
    'all' as stage, 'all' as urban_rural, '_all' as grade, '_all' as subject, group_code, numerator, denominator,
    value, status
from figures
