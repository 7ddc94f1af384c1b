{{ config(meta={'zone': 'internal'}) }}
{# What everybody in house may see of fct_rule_operand: no rule about persons, none that serves accountability. #}
select *
from {{ ref('fct_rule_operand') }}
where zone = 'internal'
