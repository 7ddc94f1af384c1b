-- The attendances that make up a course.
select
    base.region_code,
    base.period_type,
    base.period_id,
    base.school_code,
    base.entity_id,
    base.stage,
    base.urban_rural,
    base.grade,
    base.subject,
    base.exam_id,
    base.group_code,
    base.kind_code,
    base.kind2_code,
    base.level_code,
    base.entity_kind,
    base.category_code,
    base.is_new,
    base.is_valid,
    base.month_no,
    base.quarter_no,
    base.value,
    courses.submission_id,
    courses.sheet_name,
    courses.row_number,
    cast(null as varchar) as column_letter
from {{ ref('int_measure_base__people') }} as base
inner join {{ ref('stg_teacher_training__course') }} as courses
    on
        base.region_code = courses.region_code
        and base.group_code
        = courses.course_name || '/' || coalesce(courses.course_no, '') || '/' || courses.started_on
        and base.kind_code = courses.programme
where base.measure_code = 'training_course_count'
