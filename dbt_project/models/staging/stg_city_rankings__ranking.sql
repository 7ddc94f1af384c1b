select
    src.region_code,
    cast(src.period as integer) as calendar_year,
    src.school_code,
    src.rank_list,
    src.city_rank,
    src._submission_id as submission_id,
    src._file_sha256 as file_sha256,
    src._sheet as sheet_name,
    src._row as row_number
from {{ raw('city_rankings') }} as src
