{{ config(meta={'zone': 'restricted'}) }}
{# The values a target may be held against, at the edition's period: those of the county or, of an indicator that has
   none there, of every section. Where no value is about the target's whole scope (coefficients exist by stage, score
   rates by examination), each part of it is a candidate. #}
with sought as (
    select
        p.*,
        t.stage, t.compared_urban_rural, t.grade_scope
    from {{ ref('int_target_timed') }} as t
    inner join {{ ref('int_target_period') }} as p
        on t.region_code = p.region_code and t.school_year = p.school_year and t.target_id = p.target_id
    where t.is_whole_scope
),

-- A reason for the county stands also where an indicator has values of sections only; it gives way to them.
found as (
    select
        t.region_code, t.school_year, t.target_id, t.kind, t.start_year, t.first_year, t.period_type, t.period_id,
        v.indicator_code, v.entity_type, v.entity_id, v.stage, v.urban_rural, v.grade, v.subject, v.exam_id,
        v.group_code, v.value, v.status,
        case when v.entity_type = t.level_wanted then 0 else 4 end
        + case when v.stage = t.stage or v.entity_type = 'section' then 0 else 1 end
        + case when v.exam_id = '_all' and v.subject = '_all' then 0 else 2 end as distance
    from sought as t
    inner join {{ ref('int_indicator_value') }} as v
        on
            t.indicator_code = v.indicator_code
            and t.region_code = v.region_code
            and t.period_id = v.period_id
            and (v.group_code not like 'window_%' or t.cycle_code = v.group_code)
            and (t.cycle_code = '_all' or t.cycle_code = v.group_code)
    where
        v.entity_type in ('county', t.level_wanted)
        and (t.compared_urban_rural = v.urban_rural or (t.compared_urban_rural = 'all' and v.entity_type = 'section'))
        and (
            v.stage = t.stage
            or exists (
                select 1
                from {{ ref('stage_scope') }} as s
                where s.stage_scope = t.stage and s.stage = v.stage
            )
        )
        and (
            (t.grade_scope is null and (v.grade = '_all' or v.exam_id <> '_all'))
            or exists (
                select 1
                from {{ ref('grade_scope') }} as g
                where g.grade_scope = t.grade_scope and g.grade = v.grade
            )
        )
),

ranked as (
    select f.*, min(distance) over (partition by region_code, school_year, target_id) as least
    from found as f
)

select
    region_code, school_year, target_id, kind, start_year, first_year, period_type, period_id, indicator_code,
    entity_type, entity_id, stage, urban_rural, grade, subject, exam_id, group_code, value, status
from ranked
where distance = least
