{{ config(meta={'zone': 'restricted'}) }}
{# Operands that rest on figures, with what each leg says. #}
select
    *,
    {{ leg_outcome() }} as outcome
from {{ ref('int_rule_operand_figure') }}
