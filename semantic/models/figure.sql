{# Figures that add up. A row is a school's figure at one stage; what a school has beyond its stages (a thing of two
   stages counts once) and what a county has beyond its schools (less than nothing where two schools have one thing) are
   rows of their own, without a stage or a school. So any sum of rows is the warehouse's own figure at that level, and
   unknown (`lacking`) where a part of it is. #}
{% set keys = 'scope, term_code, period_type, period_id, region_code, grade, subject, exam_id, group_code' %}
{% set summed = 'sum(value) as summed, count(*) - count(value) as lacking' %}
{% set is_rest = 'coalesce(s.lacking, 0) = 0 and (s.term_code is null or w.value is null or w.value <> s.summed)' %}
with levels as (
    select * from {{ ref('figure_level') }}
),

of_stages as (
    select {{ keys }}, school_code, stage, value
    from levels
    where entity_type = 'school' and is_part
),

stages_summed as (
    select {{ keys }}, school_code, {{ summed }}
    from of_stages
    group by {{ keys }}, school_code
),

of_schools as (
    select {{ keys }}, school_code, stage, value
    from of_stages
    union all
    select {{ keys }}, school_code, '_all' as stage, w.value - coalesce(s.summed, 0) as value
    from levels as w
    left join stages_summed as s using ({{ keys }}, school_code)
    where w.entity_type = 'school' and not w.is_part and {{ is_rest }}
),

schools_summed as (
    select {{ keys }}, stage, {{ summed }}
    from of_schools
    group by {{ keys }}, stage
),

of_county_stages as (
    select {{ keys }}, school_code, stage, value
    from of_schools
    union all
    select {{ keys }}, cast(null as varchar) as school_code, stage, w.value - coalesce(s.summed, 0) as value
    from levels as w
    left join schools_summed as s using ({{ keys }}, stage)
    where w.entity_type = 'county' and w.is_part and {{ is_rest }}
),

county_summed as (
    select {{ keys }}, {{ summed }}
    from of_county_stages
    group by {{ keys }}
),

whole as (
    select {{ keys }}, school_code, stage, value
    from of_county_stages
    union all
    select {{ keys }}, cast(null as varchar) as school_code, '_all' as stage, w.value - coalesce(s.summed, 0) as value
    from levels as w
    left join county_summed as s using ({{ keys }})
    where w.entity_type = 'county' and not w.is_part and {{ is_rest }}
),

-- Every clock's year stands on a day of the school year that an edition judges it in: a school year on its first day,
-- a calendar, fiscal or project year on the last day of December.
dated as (
    select
        *,
        cast(
            left(period_id, 4) || case when period_type = 'school_year' then '-09-01' else '-12-31' end as date
        ) as figure_date
    from whole
)

select
    d.*,
    d.school_code || '|' || c.school_year as school_id,
    case when d.value is null then 1 else 0 end as lacking
from dated as d
left join {{ ref('calendar') }} as c on d.figure_date = c.date_day
