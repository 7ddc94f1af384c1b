{{ config(meta={'zone': 'restricted'}) }}
{# Targets that bind an edition's region, and where the edition's period stands in the target's span. #}
with targets as (
    select
        target_id, document_code, indicator_code, stage, urban_rural, compared_urban_rural, grade_scope, subgroup,
        is_whole_scope, judge, direction, is_inclusive, is_differenced, target_value, unit_code, recurrence,
        measure_at, clock, period_start, period_end, due_date, is_published, duplicate_of_target_id
    from {{ ref('dim_target') }}
),

bound as (
    select
        e.region_code,
        e.school_year,
        e.statistics_date,
        e.fiscal_year,
        e.calendar_year,
        e.project_year,
        t.*
    from {{ ref('dim_edition') }} as e
    inner join {{ ref('dim_plan_binding') }} as b
        on e.region_code = b.region_code and e.as_of_date >= b.valid_from and e.statistics_date <= b.valid_to
    inner join targets as t
        on b.document_code = t.document_code
),

windowed as (
    select
        b.*,
        cast(p.starts_on as date) as window_start,
        cast(p.ends_on as date) as window_end
    from bound as b
    inner join {{ ref('period_calendar') }} as p
        on
            p.period_type = case b.clock when 'none' then 'school_year' else b.clock end
            and cast(p.start_year as integer) = case b.clock
                when 'fiscal_year' then b.fiscal_year
                when 'calendar_year' then b.calendar_year
                when 'project_year' then b.project_year
                else {{ school_year_start('b.school_year') }}
            end
)

select
    *,
    case
        when judge = 'informative' then 'informative'
        when duplicate_of_target_id is not null then 'counted_once'
        when recurrence = 'standing' and statistics_date between period_start and period_end then 'due'
        when recurrence = 'standing' and statistics_date < period_start then 'not_started'
        when recurrence = 'standing' then 'period_over'
        when recurrence = 'once' or recurrence like 'cycle_%'
            then
                case
                    when due_date between window_start and window_end then 'due'
                    when due_date < window_start then 'period_over'
                    when period_start > window_end then 'not_started'
                    else 'running'
                end
        when window_end between period_start and period_end then 'due'
        when window_end < period_start then 'not_started'
        else 'period_over'
    end as timing
from windowed
