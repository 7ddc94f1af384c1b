{# Each step of the documents that bind an edition, each time it falls due, as it stood on the day the edition looks at.
   What is reported on it is the first report planned in its time; a single step may be reported later than planned. #}
with asked as (
    select
        e.region_code,
        e.school_year,
        e.as_of_date,
        o.milestone_id,
        o.document_code,
        o.is_recurring,
        o.window_start,
        o.due_on
    from {{ ref('int_edition_document') }} as e
    inner join {{ ref('int_milestone_occurrence') }} as o on e.document_code = o.document_code
),

reported as (
    select
        a.region_code,
        a.school_year,
        a.milestone_id,
        a.due_on,
        r.milestone_name,
        r.planned_on,
        case when r.actual_on <= a.as_of_date then r.actual_on end as known_on,
        case when r.actual_on <= a.as_of_date then r.result end as result,
        r.submission_id,
        row_number() over (
            partition by a.region_code, a.school_year, a.milestone_id, a.due_on
            order by r.planned_on, r.milestone_name
        ) as place
    from asked as a
    inner join {{ ref('stg_milestones__milestone') }} as r
        on
            a.region_code = r.region_code
            and a.milestone_id = r.schedule_id
            and a.window_start <= r.planned_on
            and (not a.is_recurring or a.due_on >= r.planned_on)
)

select
    a.region_code,
    a.school_year,
    a.as_of_date,
    a.milestone_id,
    a.due_on,
    a.window_start,
    a.document_code,
    m.task,
    coalesce(m.responsible, '') as responsible,
    m.date_precision,
    a.is_recurring,
    r.milestone_name,
    r.planned_on,
    r.known_on as actual_on,
    r.result,
    case
        when r.known_on is not null then {{ days_between('a.due_on', 'r.known_on') }}
        when r.milestone_name is not null and a.as_of_date > a.due_on
            then {{ days_between('a.due_on', 'a.as_of_date') }}
    end as delay_day_count,
    case
        when r.known_on <= a.due_on then 'done'
        when r.known_on is not null then 'done_late'
        when a.as_of_date < a.window_start then 'upcoming'
        when a.as_of_date <= a.due_on then 'running'
        when r.milestone_name is not null then 'overdue'
        else 'no_data'
    end as status,
    r.submission_id
from asked as a
inner join {{ ref('dim_milestone') }} as m on a.milestone_id = m.milestone_id
left join reported as r
    on
        a.region_code = r.region_code
        and a.school_year = r.school_year
        and a.milestone_id = r.milestone_id
        and a.due_on = r.due_on
        and r.place = 1
