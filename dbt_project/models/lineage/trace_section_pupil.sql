-- Pupils of a section's roster with what makes one disabled, migrant, or placed in a public or purchased place.
with pupils as (
    select
        roster.*,
        case when roster.is_migrant = '是' and roster.is_migrant_eligible = '是' then 1 else 0 end as is_counted_migrant,
        attributes.ownership,
        coalesce(attributes.only_stage, grades.stage) as stage
    from {{ ref('stg_pupil_roster__pupil') }} as roster
    left join {{ ref('int_school_attribute') }} as attributes
        on roster.school_code = attributes.school_code and roster.school_year = attributes.school_year
    left join {{ ref('grade') }} as grades on roster.grade = grades.grade
)

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
    case when pupils.is_disabled = '是' then 1 else 0 end as is_disabled,
    pupils.is_counted_migrant as is_migrant,
    case
        when pupils.ownership = '公办' or pupils.is_purchased_place = '是' then pupils.is_counted_migrant
        else 0
    end as is_placed,
    pupils.submission_id,
    pupils.sheet_name,
    pupils.row_number,
    cast(null as varchar) as column_letter
from {{ ref('int_measure_base__yearly') }} as base
inner join pupils
    on
        base.region_code = pupils.region_code
        and base.period_id = pupils.school_year
        and base.school_code = pupils.school_code
        and base.stage = pupils.stage
where base.measure_code = 'migrant_student_count'
