{{ config(meta={'zone': 'restricted'}) }}
{# The town schools' ratio less that of the village schools, or less each school's own. #}
select
    o.indicator_code, o.region_code, o.entity_type, o.entity_id, o.period_type, o.period_id, o.stage,
    'urban_vs_rural' as urban_rural, o.grade, o.subject, o.exam_id, o.group_code,
    u.paired_value as numerator,
    o.paired_value as denominator,
    u.paired_value - o.paired_value as value,
    case when u.status <> 'ok' then u.status else o.status end as status
from {{ ref('int_indicator_paired') }} as o
inner join {{ ref('int_indicator_paired') }} as u
    on
        o.indicator_code = u.indicator_code
        and o.region_code = u.region_code
        and u.entity_type = 'county'
        and u.urban_rural = 'urban'
        and o.period_id = u.period_id
        and o.stage = u.stage
        and o.grade = u.grade
        and o.subject = u.subject
        and o.exam_id = u.exam_id
        and o.group_code = u.group_code
where
    o.form = 'gap'
    and (
        (o.form_subject = 'rural' and o.entity_type = 'county' and o.urban_rural = 'rural')
        or (o.form_subject = 'all' and o.entity_type = 'school')
        or (o.form_subject = 'all' and o.entity_type = 'county' and o.urban_rural = 'all')
    )
