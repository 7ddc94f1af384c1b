-- The figures a leg is judged on: the county's own, or one of each school, section, or subject of the monitoring.
-- The rules of who is assessed are about the stages of the seven items; of others every section with pupils counts.
with assessed as (
    select distinct stage
    from {{ ref('dispersion_item') }}
    where national_item is not null
),

sections as (
    select e.*, s.stage_scope, d.ownership
    from {{ ref('int_balance_eligible') }} as e
    inner join {{ ref('stage_scope') }} as s on e.stage = s.stage
    inner join {{ ref('dim_school') }} as d on e.school_code = d.school_code and e.school_year = d.school_year
    left join assessed as a on e.stage = a.stage
    where e.is_eligible or (a.stage is null and e.student_count > 0)
),

asked as (
    select l.region_code, l.school_year, l.leg_id, l.stage, 'county' as entity_type, l.region_code as entity_id
    from {{ ref('int_balance_leg') }} as l
    where l.level = 'county'
    union all
    select distinct
        l.region_code, l.school_year, l.leg_id, l.stage, l.level as entity_type,
        case l.level when 'school' then s.school_code else s.school_code || '/' || s.stage end as entity_id
    from {{ ref('int_balance_leg') }} as l
    inner join sections as s
        on
            l.region_code = s.region_code
            and l.school_year = s.school_year
            and l.stage = s.stage_scope
            and (l.ownership is null or l.ownership = s.ownership)
    where l.level in ('section', 'school')
),

-- A register that names nothing of the kind for a section says none, where the county's own figure is known.
known as (
    select v.indicator_code, v.region_code, v.period_type, v.period_id, v.stage
    from {{ ref('fct_indicator_value') }} as v
    where v.entity_type = 'county' and v.urban_rural = 'all' and v.value is not null
    group by v.indicator_code, v.region_code, v.period_type, v.period_id, v.stage
),

monitored as (
    select l.region_code, l.school_year, l.leg_id, l.stage, m.subject, m.grade, m.difference_rate
    from {{ ref('int_balance_leg') }} as l
    inner join {{ ref('period_calendar') }} as p on l.period_type = p.period_type and l.period_id = p.period_id
    left join {{ ref('fct_national_monitoring') }} as m
        on
            l.region_code = m.region_code
            and l.stage = m.stage
            and coalesce(m.monitored_on, {{ make_date('m.calendar_year', 5, 31) }})
            between cast(p.starts_on as date) and cast(p.ends_on as date)
    where l.level = 'monitoring'
)

select
    a.region_code, a.school_year, a.leg_id, a.stage, a.entity_type, a.entity_id,
    coalesce(v.value, case when l.absent = 'zero' and k.stage is not null then cast(0 as double) end) as value,
    coalesce(v.status, 'not_reported') as value_status
from asked as a
inner join {{ ref('int_balance_leg') }} as l
    on
        a.region_code = l.region_code
        and a.school_year = l.school_year
        and a.leg_id = l.leg_id
        and a.stage = l.stage
left join {{ ref('fct_indicator_value') }} as v
    on
        l.indicator_code = v.indicator_code
        and l.region_code = v.region_code
        and l.period_type = v.period_type
        and l.period_id = v.period_id
        and l.stage = v.stage
        and a.entity_type = v.entity_type
        and a.entity_id = v.entity_id
        and v.urban_rural = 'all'
        and v.grade = '_all'
        and v.subject = '_all'
        and v.exam_id = '_all'
        and v.group_code = '_all'
left join known as k
    on
        l.indicator_code = k.indicator_code
        and l.region_code = k.region_code
        and l.period_type = k.period_type
        and l.period_id = k.period_id
        and l.stage = k.stage
union all
-- A section whose seven items are not all known is unknown itself: it fails nothing, and nothing is settled with it.
select
    l.region_code, l.school_year, l.leg_id, l.stage, 'section' as entity_type,
    f.school_code || '/' || f.stage as entity_id,
    case when f.known_count = f.item_count then cast(f.known_count as double) end,
    coalesce(f.reason, 'not_reported')
from {{ ref('int_balance_leg') }} as l
inner join {{ ref('fct_balance_section') }} as f
    on l.region_code = f.region_code and l.school_year = f.school_year and l.stage = f.stage and f.is_eligible
where l.level = 'data'
union all
select
    region_code, school_year, leg_id, stage, 'monitoring' as entity_type,
    coalesce(subject || '/' || cast(grade as varchar), region_code) as entity_id,
    cast(difference_rate as double),
    'awaiting_report'
from monitored
