select
    src.region_code,
    cast(src.period as integer) as calendar_year,
    src.peer_region_code,
    src.peer_region_name,
    src.exam_name,
    src.exam_type,
    src.exam_date,
    src.stage,
    src.grade,
    src.subject,
    src.mean_score,
    src.scored_count,
    src._submission_id as submission_id,
    src._file_sha256 as file_sha256,
    src._sheet as sheet_name,
    src._row as row_number
from {{ raw('peer_exam_results') }} as src
