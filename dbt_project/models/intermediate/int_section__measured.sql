{{ config(materialized='table') }}

-- The section's resources, one row per measure that an item of the dispersion list names.
{% set measures = [
    'class_count', 'staff_count', 'ft_teacher_count', 'postgraduate_teacher_count', 'backbone_teacher_count',
    'classroom_count', 'multimedia_room_count', 'teaching_auxiliary_area_m2', 'teaching_auxiliary_area_net_m2',
    'sports_area_m2', 'equipment_value_yuan', 'roster_ft_teacher_count', 'roster_above_required_count',
    'roster_postgraduate_count', 'roster_pe_art_count',
] %}
{# Where two sources give a measure, the column that holds the one that wins: the indicators read the same. #}
{% set counted = {'backbone_teacher_count': 'counted_backbone_teacher_count'} %}
with measured as (
    {% for measure in measures %}
        select
            region_code,
            school_year,
            stage,
            school_code,
            '{{ measure }}' as measure_code,
            cast({{ counted.get(measure, measure) }} as decimal(18, 2)) as measure_value,
            student_count
        from {{ ref('fct_school_resource_snapshot') }}
        {% if not loop.last %}union all{% endif %}
    {% endfor %}
)

select
    measured.region_code,
    measured.school_year,
    measured.stage,
    measured.school_code,
    items.item_code,
    items.scale,
    measured.measure_value,
    measured.student_count,
    eligible.is_eligible
from measured
inner join {{ ref('dispersion_item') }} as items
    on measured.measure_code = items.measure_code and measured.stage = items.stage
inner join {{ ref('int_balance_eligible') }} as eligible
    on
        measured.school_code = eligible.school_code
        and measured.stage = eligible.stage
        and measured.school_year = eligible.school_year
