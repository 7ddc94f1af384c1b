{{ config(meta={'zone': 'restricted'}) }}
{# The school year in which the principal of each school took office; of two heads the one longer in office. #}
select
    r.region_code,
    r.school_code,
    r.school_year,
    cast(min(
        extract(year from coalesce(r.duty_since, r.school_since))
        - case when extract(month from coalesce(r.duty_since, r.school_since)) < 9 then 1 else 0 end
    ) as bigint) as first_year
from {{ ref('stg_teacher_roster__teacher') }} as r
inner join {{ ref('duty') }} as d on r.duty = d.duty and d.is_principal = 'yes'
group by r.region_code, r.school_code, r.school_year
