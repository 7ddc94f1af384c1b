{# The grain and filter dimensions of a long measure base, with what the school report says of the section's school.
   A fiscal or calendar year takes the school year that begins in it, else the one before. #}
{% macro located_rows(facts) -%}
select
    f.region_code,
    f.entity_type,
    f.school_code,
    case f.entity_type when 'section' then f.school_code || '/' || f.stage else coalesce(f.school_code, f.region_code) end
        as entity_id,
    f.period_type,
    f.period_id,
    f.stage,
    case when d.is_urban then 'urban' when d.is_urban is null then '_none' else 'rural' end as urban_rural,
    '_all' as grade,
    '_all' as subject,
    '_all' as exam_id,
    f.item_code as group_code,
    f.submission_id,
    f.measure_code,
    f.kind_code,
    f.kind2_code,
    f.subject_code,
    d.ownership,
    d.school_type,
    d.urban_rural as urban_rural_name,
    coalesce(d.boarding_school, '否') as boarding_school,
    d.size_band,
    f.measure_value as value,
    f.field_name,
    f.sheet_name,
    f.row_number
from {{ facts }} as f
left join {{ ref('int_school_attribute') }} as d
    on
        f.school_code = d.school_code
        and substr(cast(f.attribute_year as varchar), 1, 4) = d.start_year
{%- endmacro %}
