select
    src.region_code,
    src.period as school_year,
    src.school_code,
    src.stage,
    src.students_per_post,
    src.approved_post_count,
    src.established_staff_count,
    src.vacancy_since,
    src._submission_id as submission_id,
    src._file_sha256 as file_sha256,
    src._sheet as sheet_name,
    src._row as row_number
from {{ raw('staffing_establishment') }} as src
