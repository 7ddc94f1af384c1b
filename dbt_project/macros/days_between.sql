{# Days from one date to a later one; a difference of dates is a number on some engines and an interval on others. The
   linter, which knows no dbt, reads a plain difference. #}
{% macro days_between(first, last) -%}
{%- if dbt is defined -%}
    cast({{ dbt.datediff(first, last, 'day') }} as integer)
{%- else -%}
    cast({{ last }} - {{ first }} as integer)
{%- endif -%}
{%- endmacro %}
