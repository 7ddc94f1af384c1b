{{ config(meta={'zone': 'restricted'}) }}
{# The values of the region that a target is about. Where the indicator has no value for the target's whole scope
   (coefficients exist by stage, scores by exam), every part must hold: the worst part is the one compared. #}
with periods as (
    select
        t.region_code, t.school_year, t.target_id, t.indicator_code, t.stage, t.urban_rural, t.grade_scope, t.judge,
        t.is_differenced, t.measure_at, coalesce('window_' || w.window_text, '_all') as cycle_code,
        i.kind, e.period_type, e.period_id, e.start_year,
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

dated as (
    select v.*, cast(p.start_year as integer) as start_year
    from {{ ref('fct_indicator_value') }} as v
    inner join {{ ref('period_calendar') }} as p on v.period_type = p.period_type and v.period_id = p.period_id
    where v.entity_type = 'county'
),

candidates as (
    select
        t.region_code, t.school_year, t.target_id, t.judge, t.kind, t.is_differenced, t.measure_at, t.first_year,
        t.period_id, v.indicator_code, v.stage, v.urban_rural, v.grade, v.subject, v.exam_id, v.group_code,
        v.value, v.status, v.start_year,
        case when v.stage = t.stage then 0 else 1 end
        + case when v.exam_id = '_all' and v.subject = '_all' then 0 else 2 end as distance
    from periods as t
    inner join dated as v
        on
            t.indicator_code = v.indicator_code
            and t.region_code = v.region_code
            and t.period_id = v.period_id
            and t.urban_rural = v.urban_rural
            and (v.group_code not like 'window_%' or t.cycle_code = v.group_code)
            and (t.cycle_code = '_all' or t.cycle_code = v.group_code)
    where
        (
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

nearest as (
    select *
    from (
        select c.*, min(distance) over (partition by region_code, school_year, target_id) as least
        from candidates as c
    ) as ranked
    where distance = least
),

measured as (
    select
        n.region_code, n.school_year, n.target_id, n.judge, n.period_id, n.stage, n.urban_rural, n.status,
        case
            when n.is_differenced then n.value - max(case when p.start_year = n.start_year - 1 then p.value end)
            when n.measure_at = 'cumulative_from_start' and n.kind = 'total'
                then
                    case
                        when
                            count(case when p.start_year >= n.first_year then p.value end)
                            = n.start_year - n.first_year + 1
                            then sum(case when p.start_year >= n.first_year then p.value end)
                    end
            else n.value
        end as measured_value
    from nearest as n
    inner join dated as p
        on
            n.indicator_code = p.indicator_code
            and n.region_code = p.region_code
            and n.stage = p.stage
            and n.urban_rural = p.urban_rural
            and n.grade = p.grade
            and n.subject = p.subject
            and n.group_code = p.group_code
            and (n.exam_id = p.exam_id or n.is_differenced)
            and n.start_year >= p.start_year
    group by
        n.region_code, n.school_year, n.target_id, n.judge, n.period_id, n.stage, n.urban_rural, n.status,
        n.is_differenced, n.measure_at, n.kind, n.value, n.start_year, n.first_year, n.grade, n.subject, n.exam_id
)

select
    region_code,
    school_year,
    target_id,
    min(period_id) as period_id,
    case when judge in ('at_most', 'change_negative') then max(measured_value) else min(measured_value) end
        as actual_value,
    count(*) as part_count,
    count(measured_value) as known_count,
    min(case
        when measured_value is null and status = 'ok' then 'not_reported'
        when measured_value is null then status
    end) as lacking_reason
from measured
group by region_code, school_year, target_id, judge
