{{ config(meta={'zone': 'restricted'}) }}
{# What a filter may ask of a school in a year: one row a school, with its only stage where it has one. A school-wide
   yes is a yes of any of its sections. #}
with sections as (
    select
        school_code,
        school_year,
        count(distinct stage) as stage_count,
        min(stage) as first_stage,
        max(case when boarding_school = '是' then '是' else '否' end) as boarding_school
    from {{ ref('stg_school_report__section') }}
    group by school_code, school_year
),

sizes as (
    select school_code, school_year, cast(sum(student_count) as bigint) as student_count
    from {{ ref('fct_school_resource_snapshot') }}
    group by school_code, school_year
),

-- Somebody of a school who teaches in no stage is counted where its compulsory schooling begins, if it has any.
bases as (
    select
        r.school_code,
        r.school_year,
        r.stage,
        row_number() over (
            partition by r.school_code, r.school_year
            order by case when s.is_compulsory then 0 else 1 end, s.sort_order
        ) as place
    from {{ ref('stg_school_report__section') }} as r
    inner join {{ ref('stage') }} as s on r.stage = s.stage
)

select
    d.region_code,
    d.school_code,
    d.school_year,
    substr(d.school_year, 1, 4) as start_year,
    d.is_urban,
    d.urban_rural,
    d.ownership,
    d.school_type,
    s.boarding_school,
    case when s.stage_count = 1 then s.first_stage end as only_stage,
    b.stage as base_stage,
    z.student_count,
    case when z.student_count < p.value then '小规模' else '其他' end as size_band
from {{ ref('dim_school') }} as d
left join sections as s on d.school_code = s.school_code and d.school_year = s.school_year
left join bases as b on d.school_code = b.school_code and d.school_year = b.school_year and b.place = 1
left join sizes as z on d.school_code = z.school_code and d.school_year = z.school_year
left join {{ ref('int_parameter__by_school_year') }} as p
    on d.school_year = p.school_year and p.parameter_code = 'small_school_students'
