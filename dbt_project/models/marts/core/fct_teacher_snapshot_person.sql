select
    teachers.teacher_key,
    schools.school_key,
    teachers.school_code,
    teachers.region_code,
    teachers.school_year,
    teachers.stage,
    teachers.is_full_time_teacher,
    teachers.post_type,
    teachers.post_group,
    teachers.qualification,
    teachers.qualification_rank,
    teachers.is_postgraduate,
    teachers.is_pe_art,
    teachers.main_subject,
    teachers.subjects,
    case teachers.established_flag when 1 then true when 0 then false end as is_established,
    teachers.title,
    teachers.teaching_years,
    count(*) over (partition by teachers.teacher_key, teachers.school_year) as section_count,
    teachers.submission_id
from {{ ref('int_teacher__section_assigned') }} as teachers
left join {{ ref('dim_school') }} as schools
    on teachers.school_code = schools.school_code and teachers.school_year = schools.school_year
