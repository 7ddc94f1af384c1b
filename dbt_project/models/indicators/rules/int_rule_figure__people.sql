{{ config(meta={'zone': 'restricted'}) }}
{# Pupils who dropped out, by school and month. A month without one is nought where the register of the year came. #}
with covered as (
    select distinct c.region_code, c.period_id as school_year
    from {{ ref('int_term_covered') }} as c
    where c.term_code = 'dropout_student_count' and c.period_type = 'school_year'
),

asked as (
    select distinct
        c.region_code, c.school_year, s.school_code, m.month_no
    from covered as c
    inner join {{ ref('fct_school_resource_snapshot') }} as s
        on c.region_code = s.region_code and c.school_year = s.school_year
    inner join {{ ref('stage_scope') }} as g on s.stage = g.stage and g.stage_scope = 'primary;junior'
    cross join {{ ref('teaching_month') }} as m
),

counted as (
    select
        e.region_code, e.school_year, e.school_code,
        cast(cast(extract(month from e.event_date) as integer) as varchar) as month_no, count(*) as dropouts
    from {{ ref('fct_student_status_event_person') }} as e
    where e.event_type = '辍学' and e.stage in ('primary', 'junior')
    group by e.region_code, e.school_year, e.school_code, extract(month from e.event_date)
),

months as (
    select region_code, school_year, school_code, month_no from asked
    union
    select region_code, school_year, school_code, month_no from counted
)

select
    'dropouts_of_month' as figure_code, a.region_code, 'school' as entity_type, a.school_code as entity_id,
    'school_year' as period_type, a.school_year as period_id, 'all' as stage, 'all' as urban_rural, '_all' as grade,
    '_all' as subject, a.month_no as group_code, cast(null as double) as numerator, cast(null as double) as denominator,
    cast(coalesce(c.dropouts, 0) as double) as value, 'ok' as status
from months as a
left join counted as c
    on
        a.region_code = c.region_code
        and a.school_year = c.school_year
        and a.school_code = c.school_code
        and a.month_no = c.month_no
