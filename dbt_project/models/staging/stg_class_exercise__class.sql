select
    src.region_code,
    src.period as school_year,
    src.school_code,
    src.grade,
    src.class_name,
    src.pe_period_count,
    src.pe_period_minutes,
    src.break_minutes,
    src.activity_minutes,
    src.school_day_count,
    src._submission_id as submission_id,
    src._file_sha256 as file_sha256,
    src._sheet as sheet_name,
    src._row as row_number
from {{ raw('class_exercise') }} as src
