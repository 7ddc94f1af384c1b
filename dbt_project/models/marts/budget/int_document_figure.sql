{{ config(meta={'zone': 'restricted'}) }}
{# Every figure a check may name, loaded: money in yuan, targets and printed quantities in their own unit. #}
select
    'fact' as term_kind,
    budget_line_id as term_ref,
    document_code,
    cast(amount_yuan as decimal(24, 6)) as figure_value
from {{ ref('fct_budget_line') }}
where budget_version = 'plan'
union all
select 'fact', mention_id, document_code, cast(mention_yuan as decimal(24, 6))
from {{ ref('bridge_budget_mention') }}
union all
select 'fact', quota_id, document_code, cast(quota_yuan as decimal(24, 6))
from {{ ref('fct_quota') }}
union all
select 'target', target_id, document_code, target_value
from {{ ref('dim_target') }}
union all
select 'quantity', quantity_id, document_code, cast(value_num as decimal(24, 6))
from {{ ref('document_quantity') }}
