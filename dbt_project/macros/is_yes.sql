{# A cell of the code list yes_no as a boolean; NULL where the file says nothing. #}
{% macro is_yes(column) -%}
case {{ column }} when '是' then true when '否' then false end
{%- endmacro %}
