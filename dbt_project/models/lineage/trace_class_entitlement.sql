-- The classes of a section that its entitlement to rooms is worked out from.
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
    base.ownership,
    base.school_type,
    base.urban_rural_name,
    base.boarding_school,
    base.size_band,
    classes.submission_id,
    classes.sheet_name,
    classes.row_number,
    cast(null as varchar) as column_letter
from {{ ref('int_measure_base__facility') }} as base
inner join {{ ref('stg_class_sizes__class') }} as classes
    on
        base.region_code = classes.region_code
        and base.period_id = classes.school_year
        and base.school_code = classes.school_code
        and base.stage = classes.stage
where base.measure_code = 'room_entitlement_12class'
