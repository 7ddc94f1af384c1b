select
    src.region_code,
    src.period as school_year,
    src.activity_no,
    src.activity_type,
    src.activity_name,
    src.held_on,
    src.leader,
    src.level,
    src.school_code,
    src.stage,
    src.project,
    src.participant_count,
    src._submission_id as submission_id,
    src._file_sha256 as file_sha256,
    src._sheet as sheet_name,
    src._row as row_number
from {{ raw('activities') }} as src
