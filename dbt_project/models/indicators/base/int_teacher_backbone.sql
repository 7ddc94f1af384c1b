{{ config(meta={'zone': 'restricted'}) }}
{# Full-time teachers of a section who hold a backbone honour that is valid at the statistics date. #}
select
    t.region_code,
    t.school_year,
    t.school_code,
    t.stage,
    t.teacher_key,
    max(case when l.is_county_level = 'yes' then 1 else 0 end) = 1 as is_county_level
from {{ ref('fct_teacher_snapshot_person') }} as t
inner join {{ ref('dim_school_year') }} as y on t.school_year = y.school_year
inner join {{ ref('stg_teacher_honours__honour') }} as h
    on
        t.region_code = h.region_code
        and t.teacher_key = h.teacher_key
        and y.statistics_date >= h.awarded_on
        and (h.valid_until is null or y.statistics_date <= h.valid_until)
inner join {{ ref('backbone_title') }} as b on h.title = b.title
inner join {{ ref('honour_level') }} as l on h.level = l.level
where t.is_full_time_teacher
group by t.region_code, t.school_year, t.school_code, t.stage, t.teacher_key
