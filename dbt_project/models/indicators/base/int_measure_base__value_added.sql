{{ config(meta={'zone': 'restricted'}) }}
with stages as (
    select distinct
        exam_id,
        school_year,
        grade,
        stage
    from {{ ref('fct_exam_group_stat') }}
    where group_type = 'school'
)

select
    v.region_code,
    'section' as entity_type,
    v.group_code as school_code,
    v.group_code || '/' || g.stage as entity_id,
    'school_year' as period_type,
    v.exit_year as period_id,
    g.stage,
    case when d.is_urban then 'urban' when d.is_urban is null then '_none' else 'rural' end as urban_rural,
    cast(v.grade as varchar) as grade,
    v.subject,
    v.exit_exam_id as exam_id,
    '_all' as group_code,
    cast(null as varchar) as submission_id,
    {{ exact_decimal('v.mean_residual * v.matched_n', 28, 10) }} as residual_sum,
    v.matched_n
from {{ ref('fct_value_added') }} as v
inner join stages as g
    on v.exit_exam_id = g.exam_id and v.exit_year = g.school_year and v.grade = g.grade
left join {{ ref('dim_school') }} as d on v.group_code = d.school_code and v.exit_year = d.school_year
where v.group_type = 'school'
