{# A double as a decimal: the fewest digits that name the double, rounded. Cast directly, PostgreSQL keeps fifteen digits
   and rounds those, DuckDB rounds the double: a value next to the middle of two decimals would differ. #}
{% macro exact_decimal(expression, precision, scale) -%}
cast(cast({{ expression }} as varchar) as decimal({{ precision }}, {{ scale }}))
{%- endmacro %}
