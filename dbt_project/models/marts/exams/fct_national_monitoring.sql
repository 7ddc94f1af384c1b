select
    src.region_code,
    src.calendar_year,
    grades.stage,
    src.subject,
    src.grade,
    src.level_no,
    src.difference_rate,
    src.report_no,
    src.monitored_on,
    src.submission_id
from {{ ref('stg_national_monitoring__result') }} as src
left join {{ ref('grade') }} as grades on src.grade = grades.grade
