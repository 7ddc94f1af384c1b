select
    src.region_code,
    src.period as school_year,
    src.school_code,
    src.grade,
    src.sex,
    src.round_no,
    src.tested_on,
    src.tested_count,
    src.pass_count,
    src.good_count,
    src.excellent_count,
    src._submission_id as submission_id,
    src._file_sha256 as file_sha256,
    src._sheet as sheet_name,
    src._row as row_number
from {{ raw('fitness_tests') }} as src
