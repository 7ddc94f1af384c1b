{{ config(meta={'zone': 'restricted'}) }}
{# Scopes of stages and areas in which a region had a school, by every calendar: the school years a period overlaps. #}
with sections as (
    select distinct f.region_code, f.school_year, s.stage_scope, d.is_urban
    from {{ ref('fct_school_resource_snapshot') }} as f
    inner join {{ ref('dim_school') }} as d on f.school_key = d.school_key
    inner join {{ ref('stage_scope') }} as s on f.stage = s.stage
),

located as (
    select region_code, school_year, stage_scope, 'all' as urban_rural
    from sections
    union
    select region_code, school_year, stage_scope, case when is_urban then 'urban' else 'rural' end
    from sections
    where is_urban is not null
    union
    {# A comparison of the two areas needs a school in each. #}
    select region_code, school_year, stage_scope, 'urban_vs_rural'
    from sections
    group by region_code, school_year, stage_scope
    having count(distinct is_urban) = 2
)

select distinct
    l.region_code,
    p.period_type,
    p.period_id,
    l.stage_scope,
    l.urban_rural
from located as l
inner join {{ ref('period_calendar') }} as y on l.school_year = y.period_id and y.period_type = 'school_year'
inner join {{ ref('period_calendar') }} as p
    on
        cast(y.starts_on as date) <= cast(p.ends_on as date)
        and cast(y.ends_on as date) >= cast(p.starts_on as date)
