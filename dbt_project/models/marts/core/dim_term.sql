select
    years.school_year || '-' || cast(rule.term_no as varchar) as term_code,
    years.school_year,
    rule.term_no,
    rule.term_zh,
    {{ make_date('years.start_year + rule.first_year_offset', 'rule.first_month', 'rule.first_day') }} as start_date,
    {{ make_date('years.start_year + rule.last_year_offset', 'rule.last_month', 'rule.last_day') }} as end_date
from {{ ref('dim_school_year') }} as years
cross join {{ ref('term_rule') }} as rule
