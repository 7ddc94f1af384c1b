select
    src.region_code,
    src.schedule_id,
    src.milestone_name,
    src.milestone_type,
    src.planned_on,
    src.actual_on,
    src.result,
    src.document_no,
    src.responsible,
    src._submission_id as submission_id,
    src._file_sha256 as file_sha256,
    src._sheet as sheet_name,
    src._row as row_number
from {{ raw('milestones') }} as src
