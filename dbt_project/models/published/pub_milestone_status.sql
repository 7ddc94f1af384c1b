{# Reported milestones that fell due in the edition's time, or were still open when it began. #}
select
    m.region_code,
    m.school_year,
    m.milestone_name,
    m.planned_on,
    m.schedule_id,
    m.document_code,
    m.responsible,
    m.actual_on,
    m.result,
    m.delay_day_count,
    m.status,
    'A' as obs_status
from {{ ref('fct_milestone_status') }} as m
inner join {{ ref('dim_edition') }} as e on m.region_code = e.region_code and m.school_year = e.school_year
where m.planned_on <= e.as_of_date and (m.planned_on >= e.statistics_date or m.status = 'overdue')
