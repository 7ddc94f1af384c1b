{# Projects as they stood at the end of the edition's fiscal year: the last month reported by then. #}
with reported as (
    select
        e.region_code,
        e.school_year,
        p.project_code,
        p.progress_month,
        p.physical_rate,
        p.completed_yuan,
        p.paid_yuan,
        row_number() over (
            partition by e.region_code, e.school_year, p.project_code
            order by p.progress_month desc nulls last
        ) as latest
    from {{ ref('fct_project_progress') }} as p
    inner join {{ ref('dim_edition') }} as e on p.region_code = e.region_code and p.fiscal_year <= e.fiscal_year
)

select
    e.region_code,
    e.school_year,
    p.project_code,
    p.parent_code,
    p.project_name,
    p.project_category,
    p.project_type,
    p.stage,
    p.urban_rural,
    p.status,
    p.is_leaf,
    p.planned_yuan,
    r.progress_month,
    r.physical_rate,
    r.completed_yuan,
    r.paid_yuan,
    case when r.progress_month is null and p.is_leaf then 'M' else 'A' end as obs_status
from {{ ref('fct_project') }} as p
inner join {{ ref('dim_edition') }} as e on p.region_code = e.region_code
left join reported as r
    on
        e.region_code = r.region_code
        and e.school_year = r.school_year
        and p.project_code = r.project_code
        and r.latest = 1
where coalesce(p.approved_on, e.as_of_date) <= e.as_of_date
