{{ config(meta={'zone': 'restricted'}) }}
{# Money that rules look at by fund, project or printed sum. #}
with editions as (
    select distinct region_code, cast(fiscal_year as varchar) as period_id, fiscal_year
    from {{ ref('dim_edition') }}
),

-- What is paid to date: the last month on file of the year or of a year before it.
progress as (
    select
        e.region_code, e.period_id, r.project_code, r.paid_yuan, r.planned_yuan,
        row_number() over (
            partition by e.region_code, e.period_id, r.project_code order by r.progress_month desc nulls last
        ) as from_last
    from editions as e
    inner join {{ ref('fct_project_progress') }} as r
        on e.region_code = r.region_code and e.fiscal_year >= r.fiscal_year and r.is_leaf
),

parts as (
    select region_code, parent_code, sum(planned_yuan) as parts_yuan, count(*) as part_count
    from {{ ref('fct_project') }}
    where parent_code is not null
    group by region_code, parent_code
),

figures as (
    select
        'diversion_finding_count' as figure_code, region_code, 'fund' as entity_type, project_name as entity_id,
        cast(fiscal_year as varchar) as period_id, finding_type as group_code, cast(null as double) as numerator,
        cast(null as double) as denominator, cast(count(*) as double) as value
    from {{ ref('fct_audit_finding') }}
    where project_name is not null
    group by region_code, project_name, fiscal_year, finding_type
    union all
    select
        'longest_disbursement_days', region_code, 'fund', project_name, cast(fiscal_year as varchar), '_all',
        cast(null as double), cast(count(*) as double), cast(max(payment_day_count) as double)
    from {{ ref('fct_fund_payment') }}
    group by region_code, project_name, fiscal_year
    union all
    select
        'project_paid_share', region_code, 'project', project_code, period_id, '_all', cast(paid_yuan as double),
        cast(planned_yuan as double), cast(paid_yuan as double) * 100.0 / nullif(planned_yuan, 0)
    from progress
    where from_last = 1
    union all
    select
        'parent_less_parts', p.region_code, 'project', p.project_code, e.period_id, '_all',
        cast(p.planned_yuan as double), cast(s.parts_yuan as double),
        cast(abs(p.planned_yuan - s.parts_yuan) as double)
    from {{ ref('fct_project') }} as p
    inner join parts as s on p.region_code = s.region_code and p.project_code = s.parent_code
    inner join editions as e on p.region_code = e.region_code
    union all
    select
        'document_difference', e.region_code, 'check', c.check_id, e.period_id, c.document_code, c.left_value,
        c.right_value,
        case
            when c.outcome = 'not_evaluated' then null
            when c.operator = '=' then abs(c.difference)
            when c.operator = '<=' then greatest(c.difference, 0)
            else greatest(-c.difference, 0)
        end
    from {{ ref('fct_arithmetic_check') }} as c
    cross join editions as e
)

select
    figure_code, region_code, entity_type, entity_id, 'fiscal_year' as period_type, period_id, 'all' as stage,
    'all' as urban_rural, '_all' as grade, '_all' as subject, group_code, numerator, denominator, value,
    case when value is null then 'undefined' else 'ok' end as status
from figures
