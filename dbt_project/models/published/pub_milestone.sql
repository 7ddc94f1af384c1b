select
    d.region_code,
    d.school_year,
    m.milestone_id,
    m.document_code,
    d.document_name,
    m.task,
    m.responsible,
    m.planned_start,
    m.planned_end,
    m.date_precision,
    m.recurrence,
    'A' as obs_status
from {{ ref('dim_milestone') }} as m
inner join {{ ref('int_edition_document') }} as d on m.document_code = d.document_code
where
    coalesce(m.planned_end, d.statistics_date) >= d.statistics_date
    and coalesce(m.planned_start, d.statistics_date) <= d.as_of_date
