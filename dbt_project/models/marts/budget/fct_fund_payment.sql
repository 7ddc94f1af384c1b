select
    src.region_code,
    src.fiscal_year,
    src.payment_no,
    src.project_name,
    src.fund_source,
    src.allocated_on,
    src.paid_on,
    src.amount_yuan,
    {{ days_between('src.allocated_on', 'src.paid_on') }} as payment_day_count,
    src.submission_id
from {{ ref('stg_fund_payments__payment') }} as src
