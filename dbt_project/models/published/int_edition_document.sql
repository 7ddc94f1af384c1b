{{ config(meta={'zone': 'restricted'}) }}
{# The documents that bind an edition. #}
select
    e.region_code, e.school_year, e.fiscal_year, e.statistics_date, e.as_of_date,
    d.document_code, d.document_name
from {{ ref('dim_edition') }} as e
inner join {{ ref('dim_plan_binding') }} as b
    on e.region_code = b.region_code and e.as_of_date >= b.valid_from and e.statistics_date <= b.valid_to
inner join {{ ref('dim_policy_document') }} as d on b.document_code = d.document_code
