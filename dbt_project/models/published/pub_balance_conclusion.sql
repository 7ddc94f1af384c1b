{# The county's own conclusion on quality and balance, with the counts it rests on. #}
select
    b.region_code,
    b.school_year,
    b.conclusion,
    b.is_vetoed,
    b.data_status,
    b.resource_status,
    b.dispersion_status,
    b.guarantee_status,
    b.quality_status,
    b.recognition_status,
    b.veto_status,
    b.leg_count,
    b.met_count,
    b.not_met_count,
    b.undecided_count,
    'A' as obs_status
from {{ ref('fct_balance_conclusion') }} as b
inner join {{ ref('dim_edition') }} as e on b.region_code = e.region_code and b.school_year = e.school_year
