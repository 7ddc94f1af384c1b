{{ config(materialized='ephemeral') }}
{# The terms that metrics ask for, at every level that adds up to a scope of stages: school and county, at a single stage
   (`is_part`) and at the scope. Where a county has an exam's figures by exam, their pooled sum is left out. #}
with measures as (
    select *
    from {{ source('served', 'fct_measure') }}
    where urban_rural = 'all' and entity_type in ('school', 'county')
),

by_exam as (
    select distinct term_code, period_type, period_id, region_code, stage
    from measures
    where source in ('exam', 'exam_plan', 'value_added') and grade || subject || exam_id || group_code <> '_all_all_all_all'
)

select
    w.scope, m.term_code, m.period_type, m.period_id, m.region_code, m.grade, m.subject, m.exam_id, m.group_code,
    m.entity_type, case when m.entity_type = 'school' then m.entity_id end as school_code, m.stage, m.value,
    m.stage <> 'all' and m.stage not like '%;%' as is_part
from measures as m
inner join {{ ref('figure_wanted') }} as w on m.term_code = w.term_code and m.period_type = w.period_type
left join by_exam as e
    on
        m.term_code = e.term_code and m.period_type = e.period_type and m.period_id = e.period_id
        and m.region_code = e.region_code and m.stage = e.stage
where
    (
        m.stage = w.scope
        or (
            m.stage <> 'all' and m.stage not like '%;%'
            and (w.scope = 'all' or ';' || w.scope || ';' like '%;' || m.stage || ';%')
        )
    )
    and (e.term_code is null or m.grade || m.subject || m.exam_id || m.group_code <> '_all_all_all_all')
