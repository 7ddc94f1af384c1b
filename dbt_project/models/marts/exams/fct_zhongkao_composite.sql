select
    src.region_code,
    src.calendar_year,
    schools.school_key,
    src.school_code,
    schools.urban_rural,
    schools.is_urban,
    schools.ownership,
    schools.school_type,
    src.composite_mean,
    src.candidate_count,
    cast(src.composite_mean * src.candidate_count as decimal(24, 4)) as composite_sum,
    src.submission_id
from {{ ref('stg_zhongkao_composite__school') }} as src
left join {{ ref('int_school__by_calendar_year') }} as schools
    on src.school_code = schools.school_code and src.calendar_year = schools.calendar_year
