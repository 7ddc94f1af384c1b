{# Rows where a boolean expression holds, as BIGINT; portable form of sum(boolean). #}
{% macro count_if(condition) -%}
cast(sum(case when {{ condition }} then 1 else 0 end) as bigint)
{%- endmacro %}
