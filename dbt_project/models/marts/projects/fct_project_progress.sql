select
    src.region_code,
    src.fiscal_year,
    src.project_code,
    src.project_name,
    src.progress_month,
    src.physical_rate,
    src.completed_yuan,
    src.paid_yuan,
    projects.project_type,
    projects.project_category,
    projects.stage,
    projects.ownership,
    projects.urban_rural,
    projects.status,
    projects.school_code,
    projects.planned_yuan,
    projects.is_leaf,
    src.submission_id
from {{ ref('stg_project_progress__month') }} as src
left join {{ ref('fct_project') }} as projects
    on src.region_code = projects.region_code and src.project_code = projects.project_code
