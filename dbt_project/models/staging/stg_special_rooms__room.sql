select
    src.region_code,
    src.period as school_year,
    src.school_code,
    src.stage,
    src.room_no,
    src.room_type,
    src.usable_area_m2,
    src.is_digital,
    src._submission_id as submission_id,
    src._file_sha256 as file_sha256,
    src._sheet as sheet_name,
    src._row as row_number
from {{ raw('special_rooms') }} as src
