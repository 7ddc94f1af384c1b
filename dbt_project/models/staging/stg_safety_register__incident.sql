select
    src.region_code,
    src.period as school_year,
    src.incident_no,
    src.school_code,
    src.stage,
    src.incident_type,
    src.severity,
    src.liability,
    src.occurred_on,
    src.death_count,
    src.injury_count,
    src._submission_id as submission_id,
    src._file_sha256 as file_sha256,
    src._sheet as sheet_name,
    src._row as row_number
from {{ raw('safety_register') }} as src
