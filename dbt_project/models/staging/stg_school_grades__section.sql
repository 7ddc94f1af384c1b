select
    src.region_code,
    src.period as school_year,
    src.school_code,
    src.stage,
    src.moral_education_grade,
    src.campus_culture_grade,
    src._submission_id as submission_id,
    src._file_sha256 as file_sha256,
    src._sheet as sheet_name,
    src._row as row_number
from {{ raw('school_grades') }} as src
