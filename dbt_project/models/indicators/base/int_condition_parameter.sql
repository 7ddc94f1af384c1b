{{ config(meta={'zone': 'restricted'}) }}
{# The parameters that measures are cut by, side by side, as they stood on each statistics date. #}
select
    y.school_year,
    y.statistics_date,
    max(case when p.parameter_code = 'vacancy_months' then p.value end) as vacancy_months,
    max(case when p.parameter_code = 'off_establishment_months' then p.value end) as off_establishment_months,
    max(case when p.parameter_code = 'bandwidth_outlet_mbps' then p.value end) as outlet_min,
    max(case when p.parameter_code = 'bandwidth_school_mbps' then p.value end) as school_min,
    max(case when p.parameter_code = 'bandwidth_class_mbps' then p.value end) as class_min,
    max(case when p.parameter_code = 'rank_band_positions' then p.value end) as rank_band_positions
from {{ ref('dim_school_year') }} as y
left join {{ ref('int_parameter__by_school_year') }} as p on y.school_year = p.school_year
group by y.school_year, y.statistics_date
