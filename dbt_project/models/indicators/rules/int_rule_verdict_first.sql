{{ config(meta={'zone': 'restricted'}) }}
{# What rules say that rest on figures alone; a rule that asks other rules looks here. #}
{{ rule_verdicts(ref('int_rule_operand_first')) }}
