select
    s.schedule_id as milestone_id,
    s.document_code,
    s.task,
    s.responsible,
    cast(nullif(s.starts_on, '') as date) as planned_start,
    cast(nullif(s.ends_on, '') as date) as planned_end,
    s.date_precision,
    nullif(s.recurrence, '') as recurrence,
    s.evidence
from {{ ref('schedules') }} as s
