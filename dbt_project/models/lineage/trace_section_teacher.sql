-- A teacher of several classes has several roster rows: each of them is named, and the teacher counts once.
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
    roster.submission_id,
    roster.sheet_name,
    roster.row_number,
    cast(null as varchar) as column_letter
from {{ ref('int_measure_base__teacher') }} as teachers
inner join {{ ref('stg_teacher_roster__teacher') }} as roster
    on
        teachers.period_id = roster.school_year
        and teachers.school_code = roster.school_code
        and teachers.group_code = roster.teacher_key
