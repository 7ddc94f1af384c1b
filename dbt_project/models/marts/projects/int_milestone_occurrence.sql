{{ config(meta={'zone': 'restricted'}) }}
{# Each time a step of the plans falls due: once on its own date, or again and again while its document holds. A single
   step that names no beginning has the year in which it is due. #}
with steps as (
    select
        m.milestone_id,
        m.document_code,
        m.recurrence,
        m.planned_start,
        m.planned_end,
        d.valid_from,
        d.valid_to
    from {{ ref('dim_milestone') }} as m
    inner join {{ ref('dim_policy_document') }} as d on m.document_code = d.document_code
),

recurring as (
    select
        s.milestone_id,
        s.document_code,
        coalesce(s.planned_start, s.valid_from) as first_day,
        coalesce(s.planned_end, s.valid_to) as last_day,
        cast(
            cast(cast(y.start_year as integer) - case r.opens_year when 'previous' then 1 else 0 end as varchar)
            || '-' || r.opens_day as date
        ) as window_start,
        cast(y.period_id || '-' || r.due_day as date) as due_on
    from steps as s
    inner join {{ ref('milestone_recurrence') }} as r on s.recurrence = r.recurrence
    inner join {{ ref('period_calendar') }} as y
        on
            y.period_type = 'calendar_year'
            and r.parity in ('any', case when mod(cast(y.start_year as integer), 2) = 1 then 'odd' else 'even' end)
)

select
    milestone_id,
    document_code,
    true as is_recurring,
    window_start,
    due_on
from recurring
where due_on between first_day and last_day
union all
select
    s.milestone_id,
    s.document_code,
    false as is_recurring,
    coalesce(s.planned_start, cast(substr(cast(s.planned_end as varchar), 1, 4) || '-01-01' as date)) as window_start,
    coalesce(s.planned_end, s.planned_start) as due_on
from steps as s
where
    not exists (
        select 1
        from {{ ref('milestone_recurrence') }} as r
        where s.recurrence = r.recurrence
    )
