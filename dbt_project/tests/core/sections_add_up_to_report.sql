-- No section is lost between the reports and the snapshot: pupils per region and school year are the same.
with reported as (
    select
        region_code,
        school_year,
        count(*) as section_count,
        coalesce(sum(student_count), 0) as student_count
    from {{ ref('stg_school_report__section') }}
    group by region_code, school_year
),

loaded as (
    select
        region_code,
        school_year,
        count(*) as section_count,
        coalesce(sum(student_count), 0) as student_count
    from {{ ref('fct_school_resource_snapshot') }}
    group by region_code, school_year
)

select
    reported.region_code,
    reported.school_year
from reported
left join loaded on reported.region_code = loaded.region_code and reported.school_year = loaded.school_year
where
    loaded.region_code is null
    or reported.section_count <> loaded.section_count
    or reported.student_count <> loaded.student_count
