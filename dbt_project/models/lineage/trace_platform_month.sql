-- The months of a platform's use by a school; the last one of the year is marked.
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
    base.subject_code,
    months.active_teacher_count,
    months.active_student_count,
    months.space_teacher_count,
    months.usage_month = max(months.usage_month) over (
        partition by base.region_code, base.period_id, base.entity_id, base.stage
    ) as is_last,
    months.submission_id,
    months.sheet_name,
    months.row_number,
    cast(null as varchar) as column_letter
from {{ ref('int_measure_base__yearly') }} as base
inner join {{ ref('stg_platform_usage__month') }} as months
    on
        base.region_code = months.region_code
        and base.period_id = substr(months.usage_month, 1, 4)
        and coalesce(base.school_code, '') = coalesce(months.school_code, '')
        and base.stage = coalesce(months.stage, '_any')
where base.measure_code = 'platform_active_teacher_count'
