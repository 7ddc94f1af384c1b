-- The honours behind the backbone teachers of a section, the first of each teacher counting one; where the region sent
-- no register, the school report's own figure.
with honours as (
    select
        teachers.region_code,
        teachers.school_year as period_id,
        teachers.school_code,
        teachers.stage,
        rows_of.submission_id,
        rows_of.sheet_name,
        rows_of.row_number,
        case
            when row_number()
                    over (
                        partition by teachers.school_year, teachers.school_code, teachers.stage, teachers.teacher_key
                        order by levels.sort_order, rows_of.awarded_on, rows_of.row_number
                    )
                = 1 then 1
            else 0
        end as backbone_teacher_count
    from {{ ref('int_teacher_backbone') }} as teachers
    inner join {{ ref('dim_school_year') }} as years on teachers.school_year = years.school_year
    inner join {{ ref('stg_teacher_honours__honour') }} as rows_of
        on
            teachers.region_code = rows_of.region_code
            and teachers.teacher_key = rows_of.teacher_key
            and years.statistics_date >= rows_of.awarded_on
            and (rows_of.valid_until is null or years.statistics_date <= rows_of.valid_until)
    inner join {{ ref('backbone_title') }} as titles on rows_of.title = titles.title
    inner join {{ ref('honour_level') }} as levels on rows_of.level = levels.level and levels.is_county_level = 'yes'
    where teachers.is_county_level
),

reports as (
    select
        region_code, school_year as period_id, school_code, stage, submission_id, sheet_name, row_number,
        backbone_teacher_count
    from {{ ref('stg_school_report__section') }}
    where region_code not in (select registers.region_code from {{ ref('stg_teacher_honours__honour') }} as registers)
),

listed as (
    select * from honours
    union all
    select * from reports
)

select
    listed.region_code,
    listed.period_id,
    listed.school_code,
    listed.school_code || '/' || listed.stage as entity_id,
    listed.stage,
    sections.urban_rural,
    '_all' as grade,
    '_all' as subject,
    '_all' as exam_id,
    sections.school_type,
    sections.urban_rural_name,
    sections.size_band,
    listed.backbone_teacher_count,
    listed.submission_id,
    listed.sheet_name,
    listed.row_number,
    cast(null as varchar) as column_letter
from listed
inner join {{ ref('int_measure_base__school_resource') }} as sections
    on
        listed.school_code = sections.school_code
        and listed.period_id = sections.period_id
        and listed.stage = sections.stage
