{{ config(meta={'zone': 'restricted'}) }}
{# Rows of the terms that a share's operands read, with the entity whose figure they are part of. A table of its own:
   joined with the entities in one statement, an engine that guesses the sizes of steps meets every row of a term with
   every entity. #}
select
    p.indicator_code, p.operand_no, p.rollup, p.own_type, p.own_id, d.region_code, d.stage,
    case p.entity when 'school' then d.school_code when 'section' then d.entity_id else d.item_code end as entity_key,
    d.item_code, d.term_value, d.missing_rows
from {{ ref('int_condition_share_period') }} as p
inner join {{ ref('int_measure_detail') }} as d
    on p.operand_code = d.term_code and p.period_type = d.period_type and p.read_id = d.period_id
