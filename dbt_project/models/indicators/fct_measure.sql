{# A fact that came for a region and period gives every one of its terms there:
   what it does not name is zero, not unknown. #}
with scopes as (
    select distinct stage_scope from {{ ref('stage_scope') }}
),

areas as (
    select 'all' as urban_rural
    union all
    select 'urban' as urban_rural
    union all
    select 'rural' as urban_rural
),

spine as (
    select
        t.source_fact,
        c.region_code,
        c.period_type,
        c.period_id,
        t.term_code,
        t.measure_code,
        s.stage_scope,
        a.urban_rural
    from {{ ref('int_term_covered') }} as c
    inner join {{ ref('term') }} as t on c.term_code = t.term_code
    cross join scopes as s
    cross join areas as a
    where
        t.pools_exams = 'yes'
        and t.rollup <> 'none'
        and (a.urban_rural = 'all' or t.source_fact in ('school_resource', 'teacher', 'exam'))
),

-- A column the region left out altogether is not zero where it has no school either.
silent as (
    select term_code, region_code, period_type, period_id
    from {{ ref('int_measure_rolled') }}
    where entity_type <> 'county'
    group by term_code, region_code, period_type, period_id
    having min(missing_rows) > 0
),

unnamed as (
    select
        s.*,
        q.term_code is not null as is_silent
    from spine as s
    left join silent as q
        on
            s.term_code = q.term_code
            and s.region_code = q.region_code
            and s.period_type = q.period_type
            and s.period_id = q.period_id
    left join {{ ref('int_measure_rolled') }} as r
        on
            s.term_code = r.term_code
            and s.region_code = r.region_code
            and s.period_type = r.period_type
            and s.period_id = r.period_id
            and s.stage_scope = r.stage_scope
            and s.urban_rural = r.urban_rural
            and r.entity_type = 'county'
            and r.exam_id = '_all'
            and r.grade = '_all'
            and r.subject = '_all'
    where r.term_code is null
)

select
    r.region_code,
    r.term_code,
    r.measure_code,
    r.entity_type,
    r.entity_id,
    r.period_type,
    r.period_id,
    r.stage_scope as stage,
    r.urban_rural,
    r.grade,
    r.subject,
    r.exam_id,
    r.group_code,
    cast(case when r.missing_rows = 0 then r.term_value end as decimal(28, 10)) as value,
    case when r.missing_rows = 0 then 'reported' else 'incomplete' end as status,
    r.source_fact as source,
    r.submission_id
from {{ ref('int_measure_rolled') }} as r
union all
select
    u.region_code,
    u.term_code,
    u.measure_code,
    'county' as entity_type,
    u.region_code as entity_id,
    u.period_type,
    u.period_id,
    u.stage_scope,
    u.urban_rural,
    '_all',
    '_all',
    '_all',
    '_all',
    cast(case when not u.is_silent then 0 end as decimal(28, 10)),
    case when u.is_silent then 'incomplete' else 'reported' end,
    u.source_fact,
    cast(null as varchar)
from unnamed as u
