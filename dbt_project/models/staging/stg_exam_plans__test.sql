select
    src.region_code,
    src.period as school_year,
    src.plan_name,
    src.grade,
    src.subject,
    src.planned_month,
    src.exam_type,
    src.exam_level,
    src.purpose,
    src._submission_id as submission_id,
    src._file_sha256 as file_sha256,
    src._sheet as sheet_name,
    src._row as row_number
from {{ raw('exam_plans') }} as src
