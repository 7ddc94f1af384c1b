{# Sum of doubles as a sum of decimals: the same bits for any order of rows or number of threads. #}
{% macro exact_sum(expression, scale=15) -%}
cast(sum(cast({{ expression }} as decimal(38, {{ scale }}))) as double)
{%- endmacro %}
