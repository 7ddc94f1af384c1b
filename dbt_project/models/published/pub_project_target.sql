{# The performance targets of the edition's fiscal year. #}
select
    e.region_code,
    e.school_year,
    t.fiscal_year,
    t.project_name,
    t.level1,
    t.level2,
    t.level3,
    t.comparator,
    t.target_value,
    t.actual_value,
    t.measure_unit,
    t.attribute,
    t.content,
    t.is_met,
    case when t.actual_value is null and t.is_met is null then 'M' else 'A' end as obs_status
from {{ ref('fct_project_target') }} as t
inner join {{ ref('dim_edition') }} as e on t.region_code = e.region_code and t.fiscal_year = e.fiscal_year
