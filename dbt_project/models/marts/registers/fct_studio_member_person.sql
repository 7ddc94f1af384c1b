select
    src.region_code,
    src.studio_name,
    src.teacher_key,
    src.member_role,
    src.joined_on,
    src.left_on,
    studios.studio_type,
    studios.level,
    src.submission_id
from {{ ref('stg_studio_members__member') }} as src
left join {{ ref('stg_studios__studio') }} as studios
    on src.region_code = studios.region_code and src.studio_name = studios.studio_name
