select
    src.region_code,
    src.period as school_year,
    src.school_code,
    src.stage,
    src.grade,
    src.class_name,
    src.class_type,
    src.homeroom_teacher_key,
    src.student_count,
    src._submission_id as submission_id,
    src._file_sha256 as file_sha256,
    src._sheet as sheet_name,
    src._row as row_number
from {{ raw('class_sizes') }} as src
