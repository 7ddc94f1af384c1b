select
    src.region_code,
    src.period as school_year,
    src.school_code,
    src.stage,
    src.grade,
    src.class_count,
    src.student_count,
    src.female_student_count,
    src.entrant_count,
    src.expected_graduate_count,
    src.boarder_count,
    src.migrant_student_count,
    src.left_behind_count,
    src._submission_id as submission_id,
    src._file_sha256 as file_sha256,
    src._sheet as sheet_name,
    src._row as row_number
from {{ raw('school_enrolment') }} as src
