select
    src.region_code,
    src.calendar_year,
    schools.school_key,
    src.school_code,
    schools.urban_rural,
    schools.is_urban,
    schools.ownership,
    schools.school_type,
    coalesce(linked.student_key, src.student_key) as student_key,
    src.student_key as reported_student_key,
    src.subject_group,
    src.total_score,
    {{ is_yes('src.reached_first_line') }} as reached_first_line,
    {{ is_yes('src.reached_undergraduate_line') }} as reached_undergraduate_line,
    src.submission_id
from {{ ref('stg_gaokao_results__candidate') }} as src
left join {{ ref('int_school__by_calendar_year') }} as schools
    on src.school_code = schools.school_code and src.calendar_year = schools.calendar_year
left join {{ ref('int_student__number_linked') }} as linked
    on src.region_code = linked.region_code and src.student_key = linked.reported_student_key
