select
    src.region_code,
    cast(src.period as integer) as fiscal_year,
    src.project_name,
    src.level1,
    src.level2,
    src.level3,
    src.comparator,
    src.target_value,
    src.measure_unit,
    src.attribute,
    src.actual_value,
    src.content,
    src._submission_id as submission_id,
    src._file_sha256 as file_sha256,
    src._sheet as sheet_name,
    src._row as row_number
from {{ raw('project_targets') }} as src
