-- Each milestone as it stood on the day each edition looks at: what happened later is not known yet.
with standing as (
    select
        src.*,
        editions.school_year,
        editions.as_of_date,
        case when src.actual_on <= editions.as_of_date then src.actual_on end as known_on
    from {{ ref('stg_milestones__milestone') }} as src
    inner join {{ ref('dim_edition') }} as editions on src.region_code = editions.region_code
)

select
    standing.region_code,
    standing.school_year,
    standing.as_of_date,
    standing.milestone_name,
    standing.planned_on,
    standing.schedule_id,
    steps.document_code,
    standing.milestone_type,
    standing.known_on as actual_on,
    standing.result,
    standing.document_no,
    standing.responsible,
    case
        when standing.known_on is not null then {{ days_between('standing.planned_on', 'standing.known_on') }}
        when standing.as_of_date > standing.planned_on
            then {{ days_between('standing.planned_on', 'standing.as_of_date') }}
    end as delay_day_count,
    case
        when standing.known_on <= standing.planned_on then 'done'
        when standing.known_on is not null then 'done_late'
        when standing.as_of_date > standing.planned_on then 'overdue'
        else 'not_due'
    end as status,
    standing.submission_id
from standing
left join {{ ref('dim_milestone') }} as steps on standing.schedule_id = steps.milestone_id
