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
    teachers.sex,
    teachers.birth_year,
    years.start_year - teachers.birth_year as age_years,
    teachers.major,
    teachers.trained_flag = 1 as is_trained,
    teachers.certificate_stage,
    teachers.certificate_subject,
    teachers.subject_full_time_flag = 1 as is_subject_full_time,
    teachers.duty,
    teachers.duty_since,
    teachers.school_since,
    cast(
        {{ months_between('greatest(teachers.duty_since, teachers.school_since)', 'years.statistics_date') }} as integer
    )
        as duty_month_count,
    teachers.hired_since,
    cast({{ months_between('teachers.hired_since', 'years.statistics_date') }} as integer) as hired_month_count,
    teachers.specialty_teacher_flag = 1 as is_specialty_teacher,
    teachers.dual_qualified_flag = 1 as is_dual_qualified,
    teachers.evaluation_grade,
    count(*) over (partition by teachers.teacher_key, teachers.school_year) as section_count,
    teachers.submission_id
from {{ ref('int_teacher__section_assigned') }} as teachers
left join {{ ref('dim_school') }} as schools
    on teachers.school_code = schools.school_code and teachers.school_year = schools.school_year
left join {{ ref('dim_school_year') }} as years on teachers.school_year = years.school_year
