{{ config(meta={'zone': 'restricted'}) }}
{# The entities each rule is asked of at each edition: listed ones (the region, its sections, schools, teachers), or
   those that have a figure. A rule that applies to nobody known keeps one row, the region's. #}
with bound as (
    select
        region_code, school_year, rule_id, entity_type, population, max(case when is_due then 1 else 0 end) as is_due
    from {{ ref('int_rule_due') }}
    where is_bound
    group by region_code, school_year, rule_id, entity_type, population
),

forms as (
    select
        b.region_code, b.school_year, b.rule_id, b.entity_type, b.population,
        coalesce(f.population_stage, '') as population_stage, coalesce(f.population_area, '') as population_area
    from bound as b
    inner join {{ ref('rule_form') }} as f on b.rule_id = f.rule_id
    where b.is_due = 1
),

sections as (
    select distinct
        f.region_code, f.school_year, f.rule_id, f.entity_type, s.school_code, s.stage
    from forms as f
    inner join {{ ref('fct_school_resource_snapshot') }} as s
        on f.region_code = s.region_code and f.school_year = s.school_year
    inner join {{ ref('dim_school') }} as d on s.school_code = d.school_code and s.school_year = d.school_year
    inner join {{ ref('stage_scope') }} as c on f.population_stage = c.stage_scope and s.stage = c.stage
    where
        f.population in ('section', 'school')
        and (f.population_area = '' or (f.population_area = 'rural' and not d.is_urban))
),

listed as (
    select region_code, school_year, rule_id, 'county' as entity_type, region_code as entity_id, 'all' as stage
    from forms
    where population = 'region'
    union all
    select region_code, school_year, rule_id, entity_type, school_code || '/' || stage, stage
    from sections
    where entity_type = 'section'
    union all
    select distinct region_code, school_year, rule_id, entity_type, school_code, 'all'
    from sections
    where entity_type = 'school'
    union all
    select distinct f.region_code, f.school_year, f.rule_id, 'teacher', t.teacher_key, 'all'
    from forms as f
    inner join {{ ref('fct_teacher_snapshot_person') }} as t
        on f.region_code = t.region_code and f.school_year = t.school_year
    where f.population = 'teacher'
    union all
    -- Whoever taught a class that sat a test of the year, however few the tests are.
    select distinct f.region_code, f.school_year, f.rule_id, 'teacher', t.teacher_key, 'all'
    from forms as f
    inner join {{ ref('int_teacher_test') }} as t on f.region_code = t.region_code and f.school_year = t.school_year
    where f.population = 'examined'
),

found as (
    select
        region_code, school_year, rule_id, entity_type, entity_id, stage, 'all' as urban_rural, '_all' as grade,
        '_all' as subject, '_all' as group_code
    from listed
    union all
    select distinct
        m.region_code, m.school_year, m.rule_id, m.entity_type, m.entity_id, m.scope_stage, m.scope_urban_rural,
        m.scope_grade, m.scope_subject, m.scope_group
    from {{ ref('int_rule_match') }} as m
    inner join forms as f
        on
            m.region_code = f.region_code
            and m.school_year = f.school_year
            and m.rule_id = f.rule_id
            and f.population = 'figures'
)

select * from found
union all
select
    e.region_code, e.school_year, r.rule_id, 'county', e.region_code as entity_id, 'all', 'all', '_all', '_all', '_all'
from {{ ref('dim_edition') }} as e
cross join {{ ref('dim_rule') }} as r
where
    not exists (
        select 1
        from found as f
        where f.region_code = e.region_code and f.school_year = e.school_year and f.rule_id = r.rule_id
    )
