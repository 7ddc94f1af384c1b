select
    src.region_code,
    src.school_code,
    src.stage,
    src.project_code,
    src.parent_code,
    src.project_name,
    src.project_type,
    src.project_category,
    src.ownership,
    src.urban_rural,
    src.status,
    src.approved_on,
    src.started_on,
    src.completed_on,
    src.design_place_count,
    src.floor_area_m2,
    src.sports_area_m2,
    src.planned_yuan,
    src.fund_source,
    not exists (
        select 1
        from {{ ref('stg_project_ledger__project') }} as parts
        where parts.region_code = src.region_code and parts.parent_code = src.project_code
    ) as is_leaf,
    src.submission_id
from {{ ref('stg_project_ledger__project') }} as src
