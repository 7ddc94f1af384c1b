{{ config(meta={'zone': 'restricted'}) }}
{# The values a target may be held against, at the edition's period: those of the county or, of an indicator that has
   none there, of every section. Where no value is about the target's whole scope (coefficients exist by stage, score
   rates by examination), each part of it is a candidate. #}
with sought as (
    select
        t.region_code, t.school_year, t.target_id, t.indicator_code, t.stage, t.compared_urban_rural, t.grade_scope,
        coalesce('window_' || w.window_text, '_all') as cycle_code,
        case when ';' || i.aggregates_to || ';' like '%;county;%' then 'county' else 'section' end as level_wanted,
        i.kind, e.period_id, e.start_year,
        cast(b.start_year as integer) as first_year
    from {{ ref('int_target_timed') }} as t
    inner join {{ ref('dim_indicator') }} as i on t.indicator_code = i.indicator_code
    inner join {{ ref('int_edition_indicator') }} as e
        on t.region_code = e.region_code and t.school_year = e.school_year and t.indicator_code = e.indicator_code
    left join {{ ref('document_window') }} as w
        on t.document_code = w.document_code and t.indicator_code = w.indicator_code
    left join {{ ref('period_calendar') }} as b
        on
            i.clock = b.period_type
            and t.period_start between cast(b.starts_on as date) and cast(b.ends_on as date)
    where t.is_whole_scope
),

-- A reason for the county stands also where an indicator has values of sections only; it gives way to them.
found as (
    select
        t.region_code, t.school_year, t.target_id, t.kind, t.start_year, t.first_year, t.period_id,
        v.indicator_code, v.entity_type, v.entity_id, v.stage, v.urban_rural, v.grade, v.subject, v.exam_id,
        v.group_code, v.value, v.status,
        case when v.entity_type = t.level_wanted then 0 else 4 end
        + case when v.stage = t.stage or t.level_wanted = 'section' then 0 else 1 end
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
    region_code, school_year, target_id, kind, start_year, first_year, period_id, indicator_code, entity_type,
    entity_id, stage, urban_rural, grade, subject, exam_id, group_code, value, status
from ranked
where distance = least
