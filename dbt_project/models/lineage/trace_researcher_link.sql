-- The schools that a researcher is linked with, one row each.
select
    base.region_code,
    base.period_type,
    base.period_id,
    links.school_code,
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
    links.teacher_key,
    links.submission_id,
    links.sheet_name,
    links.row_number,
    cast(null as varchar) as column_letter
from {{ ref('int_measure_base__county') }} as base
inner join {{ ref('stg_researcher_links__link') }} as links
    on
        base.region_code = links.region_code
        and base.period_id = links.school_year
        and base.group_code = links.teacher_key
where base.measure_code = 'researcher_linked_school_count'
