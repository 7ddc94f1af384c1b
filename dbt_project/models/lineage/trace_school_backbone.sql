-- The honours that make a teacher of a section one of its backbone teachers, of whatever level.
select
    teachers.region_code,
    teachers.period_id,
    teachers.school_code,
    teachers.entity_id,
    teachers.stage,
    teachers.urban_rural,
    teachers.grade,
    teachers.subject,
    teachers.exam_id,
    teachers.group_code,
    teachers.urban_rural_name,
    teachers.school_type,
    teachers.size_band,
    teachers.main_subject,
    teachers.post_type,
    teachers.sex,
    teachers.is_dual_qualified,
    teachers.evaluation_grade,
    teachers.ft_teacher_count,
    teachers.subject_teacher_count,
    teachers.certified_teacher_count,
    teachers.qualified_edu_teacher_count,
    teachers.professional_teacher_count,
    teachers.evaluated_teacher_count,
    teachers.long_term_off_establishment_count,
    teachers.school_backbone_teacher_count,
    honours.submission_id,
    honours.sheet_name,
    honours.row_number,
    cast(null as varchar) as column_letter
from {{ ref('int_measure_base__teacher') }} as teachers
inner join {{ ref('dim_school_year') }} as years on teachers.period_id = years.school_year
inner join {{ ref('stg_teacher_honours__honour') }} as honours
    on
        teachers.region_code = honours.region_code
        and teachers.group_code = honours.teacher_key
        and years.statistics_date >= honours.awarded_on
        and (honours.valid_until is null or years.statistics_date <= honours.valid_until)
inner join {{ ref('backbone_title') }} as titles on honours.title = titles.title
where teachers.school_backbone_teacher_count > 0
