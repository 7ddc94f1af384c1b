{{ config(meta={'zone': 'restricted'}) }}
{# What only a document can say: the conclusion of the last attestation within the period, or the lowest level that the
   national monitoring found; each subject and grade of the monitoring by itself as well. #}
with conclusions as (
    select
        a.region_code, a.indicator_code, p.period_type, p.period_id,
        coalesce(cast(a.attested_value as double), cast({{ yes_no('a.conclusion') }} as double)) as figure,
        row_number() over (
            partition by a.region_code, a.indicator_code, p.period_type, p.period_id
            order by a.attested_on desc nulls last, a.evidence_no desc nulls last
        ) as from_last
    from {{ ref('stg_attestations__attestation') }} as a
    inner join {{ ref('dim_indicator') }} as i on a.indicator_code = i.indicator_code and i.kind = 'attested'
    inner join {{ ref('period_calendar') }} as p
        on i.clock = p.period_type and substr(a.school_year, 1, 4) = cast(p.start_year as varchar)
),

monitored as (
    select
        m.region_code, p.period_type, p.period_id, g.stage, cast(m.grade as varchar) as grade, m.subject,
        cast(m.level_no as double) as figure
    from {{ ref('stg_national_monitoring__result') }} as m
    inner join {{ ref('grade') }} as g on m.grade = g.grade
    inner join {{ ref('period_calendar') }} as p
        on
            p.period_type = 'school_year'
            and coalesce(m.monitored_on, {{ make_date('m.calendar_year', 5, 31) }})
            between cast(p.starts_on as date) and cast(p.ends_on as date)
),

scopes as (
    select i.indicator_code, s.stage_scope
    from {{ ref('dim_indicator') }} as i
    inner join {{ ref('int_indicator_scope') }} as s on i.indicator_code = s.indicator_code
    where i.kind = 'attested'
),

figures as (
    select
        c.indicator_code, c.region_code, c.period_type, c.period_id, s.stage_scope as stage, '_all' as grade,
        '_all' as subject, c.figure
    from conclusions as c
    inner join scopes as s on c.indicator_code = s.indicator_code
    where c.from_last = 1
    union all
    select i.indicator_code, m.region_code, m.period_type, m.period_id, s.stage_scope, '_all', '_all', min(m.figure)
    from monitored as m
    inner join {{ ref('dim_indicator') }} as i on i.numerator_measure = 'national_monitor_level'
    inner join scopes as s on i.indicator_code = s.indicator_code
    inner join {{ ref('stage_scope') }} as c on s.stage_scope = c.stage_scope and m.stage = c.stage
    group by i.indicator_code, m.region_code, m.period_type, m.period_id, s.stage_scope
    union all
    select i.indicator_code, m.region_code, m.period_type, m.period_id, m.stage, m.grade, m.subject, m.figure
    from monitored as m
    inner join {{ ref('dim_indicator') }} as i on i.numerator_measure = 'national_monitor_level'
)

select
    indicator_code,
    region_code,
    'county' as entity_type,
    region_code as entity_id,
    period_type,
    period_id,
    stage,
    'all' as urban_rural,
    grade,
    subject,
    '_all' as exam_id,
    '_all' as group_code,
    figure as numerator,
    cast(null as double) as denominator,
    figure as value,
    'ok' as status
from figures
