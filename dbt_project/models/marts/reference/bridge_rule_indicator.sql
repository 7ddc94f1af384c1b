select
    rules.rule_id,
    indicators.indicator_code
from {{ ref('dim_rule') }} as rules
inner join {{ ref('dim_indicator') }} as indicators
    on {{ list_contains_item('rules.indicator_codes', 'indicators.indicator_code') }}
