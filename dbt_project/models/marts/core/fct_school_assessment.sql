select
    src.region_code,
    src.calendar_year,
    schools.school_key,
    src.school_code,
    src.stage,
    schools.urban_rural,
    schools.is_urban,
    schools.ownership,
    schools.school_type,
    src.peer_group,
    src.score,
    cast(rank() over (
        partition by src.region_code, src.calendar_year, src.peer_group
        order by src.score desc nulls last
    ) as integer) as rank_in_group,
    src.submission_id
from {{ ref('stg_school_assessment__school') }} as src
left join {{ ref('int_school__by_calendar_year') }} as schools
    on src.school_code = schools.school_code and src.calendar_year = schools.calendar_year
