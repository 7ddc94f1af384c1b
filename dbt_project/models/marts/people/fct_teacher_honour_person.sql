select
    src.region_code,
    src.school_code,
    src.stage,
    src.teacher_key,
    src.title,
    src.level,
    src.awarded_on,
    src.valid_until,
    src.document_no,
    src.main_subject,
    src.submission_id
from {{ ref('stg_teacher_honours__honour') }} as src
