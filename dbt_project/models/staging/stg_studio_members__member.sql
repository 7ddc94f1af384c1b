select
    src.region_code,
    src.studio_name,
    src.teacher_key,
    src.member_role,
    src.joined_on,
    src.left_on,
    src._submission_id as submission_id,
    src._file_sha256 as file_sha256,
    src._sheet as sheet_name,
    src._row as row_number
from {{ raw('studio_members') }} as src
