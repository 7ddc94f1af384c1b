-- Which sections are assessed. The rules of the nearest region count alone: the county's own, its city's, its
-- province's, or the national ones. A section without pupils has no ratio and is left out.
with sections as (
    select
        f.region_code,
        f.school_year,
        f.school_code,
        f.stage,
        f.student_count,
        d.school_type_code,
        d.ownership,
        d.is_teaching_point,
        y.statistics_date
    from {{ ref('fct_school_resource_snapshot') }} as f
    inner join {{ ref('dim_school') }} as d on f.school_key = d.school_key
    inner join {{ ref('dim_school_year') }} as y on f.school_year = y.school_year
),

levels as (
    select distinct
        s.region_code,
        r.region_code as rule_region_code,
        case
            when r.region_code = s.region_code then 1
            when r.region_code = substr(s.region_code, 1, 4) || '00' then 2
            when r.region_code = substr(s.region_code, 1, 2) || '0000' then 3
            else 4
        end as distance
    from sections as s
    inner join {{ ref('balance_exclusion') }} as r
        on
            r.region_code in (
                s.region_code, substr(s.region_code, 1, 4) || '00', substr(s.region_code, 1, 2) || '0000', '000000'
            )
),

nearest as (
    select region_code, min(distance) as distance
    from levels
    group by region_code
),

excluded as (
    select
        s.school_code,
        s.stage,
        s.school_year,
        min(r.exclusion_code) as exclusion_code
    from sections as s
    inner join nearest as n on s.region_code = n.region_code
    inner join levels as l on n.region_code = l.region_code and n.distance = l.distance
    inner join {{ ref('balance_exclusion') }} as r
        on
            l.rule_region_code = r.region_code
            and s.statistics_date >= r.valid_from
            and s.statistics_date <= coalesce(r.valid_to, cast('9999-12-31' as date))
            and (r.school_type_code is null or s.school_type_code = r.school_type_code)
            and (r.ownership is null or s.ownership = r.ownership)
            and (r.is_teaching_point is null or (r.is_teaching_point = 'yes') = s.is_teaching_point)
            and (r.below_pupils is null or s.student_count < r.below_pupils)
    group by s.school_code, s.stage, s.school_year
)

select
    s.region_code,
    s.school_year,
    s.school_code,
    s.stage,
    s.student_count,
    coalesce(x.exclusion_code is null and (s.student_count is null or s.student_count > 0), false) as is_eligible,
    case when s.student_count = 0 then 'no_pupils' else x.exclusion_code end as exclusion_reason
from sections as s
left join excluded as x
    on s.school_code = x.school_code and s.stage = x.stage and s.school_year = x.school_year
