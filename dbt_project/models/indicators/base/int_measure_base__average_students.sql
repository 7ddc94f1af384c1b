{{ config(meta={'zone': 'restricted'}) }}
{# Pupils of a fiscal year: the snapshot of the year before and its own, weighted by the months each covers. #}
with months as (
    select
        max(case when parameter = 'average_students_prior_months' then cast(value_num as integer) end) as prior_months,
        max(case when parameter = 'average_students_current_months' then cast(value_num as integer) end)
            as current_months
    from {{ ref('plan_parameter') }}
),

snapshots as (
    select
        region_code, school_code, entity_id, stage, urban_rural, urban_rural_name, student_count,
        {{ school_year_start('period_id') }} as start_year
    from {{ ref('int_measure_base__school_resource') }}
),

shares as (
    select s.*, s.start_year as fiscal_year, s.student_count * m.current_months * 1.0 as student_months, 1 as is_current
    from snapshots as s cross join months as m
    union all
    select s.*, s.start_year + 1, s.student_count * m.prior_months * 1.0, 0
    from snapshots as s cross join months as m
),

-- Both snapshots of the region must exist: half a year is no average.
whole as (
    select region_code, fiscal_year
    from shares
    group by region_code, fiscal_year
    having min(is_current) = 0 and max(is_current) = 1
)

select
    s.region_code,
    'section' as entity_type,
    s.school_code,
    s.entity_id,
    'fiscal_year' as period_type,
    cast(s.fiscal_year as varchar) as period_id,
    s.stage,
    max(s.urban_rural) as urban_rural,
    '_all' as grade,
    '_all' as subject,
    '_all' as exam_id,
    '_all' as group_code,
    cast(null as varchar) as submission_id,
    max(s.urban_rural_name) as urban_rural_name,
    case
        when count(*) = count(s.student_months)
            then cast(sum(s.student_months) as double) / max(m.prior_months + m.current_months)
    end as average_student_count
from shares as s
inner join whole as w on s.region_code = w.region_code and s.fiscal_year = w.fiscal_year
cross join months as m
group by s.region_code, s.school_code, s.entity_id, s.fiscal_year, s.stage
