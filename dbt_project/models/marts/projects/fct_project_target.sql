select
    src.region_code,
    src.fiscal_year,
    src.project_name,
    src.level1,
    src.level2,
    src.level3,
    src.comparator,
    src.target_value,
    src.measure_unit,
    src.attribute,
    src.actual_value,
    src.content,
    case src.comparator
        when '=' then src.actual_value = src.target_value
        when '>=' then src.actual_value >= src.target_value
        when '<=' then src.actual_value <= src.target_value
        when '>' then src.actual_value > src.target_value
        when '<' then src.actual_value < src.target_value
    end as is_met,
    src.submission_id
from {{ ref('stg_project_targets__target') }} as src
