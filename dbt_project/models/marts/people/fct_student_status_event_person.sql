select
    {{ surrogate_key(['src.submission_id', 'src.sheet_name', 'src.row_number']) }} as status_event_id,
    coalesce(linked.student_key, src.student_key) as student_key,
    src.student_key as reported_student_key,
    src.region_code,
    src.school_year,
    schools.school_key,
    src.school_code,
    coalesce(staged.stage, grades.stage) as stage,
    src.grade,
    src.event_type,
    src.event_date,
    src.return_date,
    src.counterpart_code,
    src.submission_id
from {{ ref('stg_status_events__event') }} as src
left join {{ ref('dim_school') }} as schools
    on src.school_code = schools.school_code and src.school_year = schools.school_year
left join {{ ref('int_school__grade_staged') }} as staged
    on src.school_code = staged.school_code and src.school_year = staged.school_year and src.grade = staged.grade
left join {{ ref('grade') }} as grades on src.grade = grades.grade
left join {{ ref('int_student__number_linked') }} as linked
    on src.region_code = linked.region_code and src.student_key = linked.reported_student_key
