select
    src.region_code,
    src.period as school_year,
    src.survey,
    src.question,
    src.respondent_group,
    src.school_code,
    src.stage,
    src.grade,
    src.distributed_count,
    src.valid_count,
    src.satisfied_count,
    src.surveyed_on,
    src._submission_id as submission_id,
    src._file_sha256 as file_sha256,
    src._sheet as sheet_name,
    src._row as row_number
from {{ raw('surveys') }} as src
