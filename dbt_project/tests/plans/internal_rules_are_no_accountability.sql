-- What the internal zone serves holds no rule about persons and none that serves accountability.
select
    e.rule_id,
    e.entity_type
from {{ ref('fct_rule_result') }} as e
inner join {{ ref('monitoring_rules') }} as r on e.rule_id = r.rule_id
where r.is_published = 'no' or r.rule_type = 'accountability' or e.entity_type in ('teacher', 'student')
union all
select
    o.rule_id,
    o.entity_type
from {{ ref('fct_rule_result_operand') }} as o
inner join {{ ref('monitoring_rules') }} as r on o.rule_id = r.rule_id
where r.is_published = 'no' or r.rule_type = 'accountability' or o.entity_type in ('teacher', 'student')
