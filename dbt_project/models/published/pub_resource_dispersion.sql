{# Coefficients of the resource items. The share of score variance between schools is not published. #}
with items as (
    select item_code, min(item_zh) as item_name
    from {{ ref('dispersion_item') }}
    group by item_code
)

select
    d.region_code,
    d.school_year,
    d.stage,
    d.item_code,
    i.item_name,
    d.kind,
    d.n_schools,
    d.n_missing,
    d.weight_sum,
    d.mean_value,
    d.sd_value,
    d.cv_value,
    case d.status when 'ok' then 'A' when 'single_school' then 'A' when 'undefined' then 'z' else 'M' end as obs_status,
    case when d.status not in ('ok') then d.status end as reason
from {{ ref('fct_between_school_dispersion') }} as d
inner join items as i on d.item_code = i.item_code
inner join {{ ref('dim_edition') }} as e on d.region_code = e.region_code and d.school_year = e.school_year
where d.kind = 'cv_weighted'
