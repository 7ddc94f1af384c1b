select
    src.region_code,
    cast(src.period as integer) as calendar_year,
    src.student_key,
    src.school_code,
    src.subject_group,
    src.total_score,
    src.reached_first_line,
    src.reached_undergraduate_line,
    src._submission_id as submission_id,
    src._file_sha256 as file_sha256,
    src._sheet as sheet_name,
    src._row as row_number
from {{ raw('gaokao_results') }} as src
