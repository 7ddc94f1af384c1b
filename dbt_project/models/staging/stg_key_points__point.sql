select
    src.region_code,
    cast(src.period as integer) as calendar_year,
    src.key_point_code,
    src.key_point_name,
    src.stage,
    src.grade,
    src.subject,
    src.lesson_no,
    src._submission_id as submission_id,
    src._file_sha256 as file_sha256,
    src._sheet as sheet_name,
    src._row as row_number
from {{ raw('key_points') }} as src
