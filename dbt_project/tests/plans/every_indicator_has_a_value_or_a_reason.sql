-- Each edition of a region accounts for every indicator of the catalogue; returns those it forgets.
select
    e.region_code,
    e.school_year,
    e.indicator_code
from {{ ref('int_edition_indicator') }} as e
left join {{ ref('int_indicator_value') }} as v
    on e.region_code = v.region_code and e.indicator_code = v.indicator_code and e.period_id = v.period_id
where v.indicator_code is null
