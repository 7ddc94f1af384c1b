{{ config(meta={'zone': 'restricted'}) }}
{# One row per section and main subject; a section whose roster came has a row even where nobody matches. #}
with sections as (
    select *
    from {{ ref('int_measure_base__school_resource') }}
    where roster_ft_teacher_count is not null
),

subjects as (
    select
        region_code,
        school_year,
        school_code,
        stage,
        main_subject,
        count(distinct teacher_key) as ft_teacher_count
    from {{ ref('fct_teacher_snapshot_person') }}
    where is_full_time_teacher
    group by region_code, school_year, school_code, stage, main_subject
)

select
    s.region_code,
    s.entity_type,
    s.school_code,
    s.entity_id,
    s.period_type,
    s.period_id,
    s.stage,
    s.urban_rural,
    s.grade,
    s.subject,
    s.exam_id,
    s.group_code,
    cast(null as varchar) as submission_id,
    s.urban_rural_name,
    t.main_subject,
    coalesce(t.ft_teacher_count, 0) as ft_teacher_count
from sections as s
left join subjects as t
    on
        s.region_code = t.region_code
        and s.period_id = t.school_year
        and s.school_code = t.school_code
        and s.stage = t.stage
