select
    src.region_code,
    src.stage,
    src.entity_type,
    src.entity_code,
    src.entity_name,
    src.title,
    src.level,
    src.subject,
    src.grade_value,
    src.recognised_on,
    src.valid_until,
    src.document_no,
    schools.school_key,
    schools.urban_rural,
    schools.is_urban,
    schools.ownership,
    schools.school_type,
    src.submission_id
from {{ ref('stg_recognition_register__recognition') }} as src
left join {{ ref('int_school__by_calendar_year') }} as schools
    on
        src.entity_code = schools.school_code
        and cast(extract(year from src.recognised_on) as integer) = schools.calendar_year
