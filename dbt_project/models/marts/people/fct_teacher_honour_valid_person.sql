-- Honours that hold on the statistics date of a school year in which the teacher is on a roster of the region.
with rosters as (
    select
        region_code,
        school_year,
        teacher_key
    from {{ ref('fct_teacher_snapshot_person') }}
    group by region_code, school_year, teacher_key
)

select
    rosters.region_code,
    rosters.school_year,
    honours.teacher_key,
    honours.title,
    honours.level,
    min(honours.awarded_on) as awarded_on,
    case when count(*) = count(honours.valid_until) then max(honours.valid_until) end as valid_until,
    min(honours.submission_id) as submission_id
from {{ ref('fct_teacher_honour_person') }} as honours
inner join rosters on honours.region_code = rosters.region_code and honours.teacher_key = rosters.teacher_key
inner join {{ ref('dim_school_year') }} as years
    on
        rosters.school_year = years.school_year
        and honours.awarded_on <= years.statistics_date
        and (honours.valid_until is null or honours.valid_until >= years.statistics_date)
group by rosters.region_code, rosters.school_year, honours.teacher_key, honours.title, honours.level
