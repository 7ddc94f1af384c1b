select
    src.region_code,
    src.fiscal_year,
    coalesce(src.stage, '_all') as stage,
    src.person_group,
    src.amount_yuan,
    src.person_count,
    src.submission_id
from {{ ref('stg_salary_payments__group') }} as src
