{# What a rate of an exam divides by, by the exam's own rule; exempt pupils are neither registered nor on the roll. #}
{% macro exam_denominator(rule, scored, present, registered, roll, exempt) -%}
case {{ rule }}
        when 'present' then {{ present }}
        when 'registered' then {{ registered }} - {{ exempt }}
        when 'roll' then {{ roll }} - {{ exempt }}
        else {{ scored }}
    end
{%- endmacro %}
