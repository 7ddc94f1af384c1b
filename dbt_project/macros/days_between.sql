{# Days from one date to a later one; a difference of dates is a number on some engines and an interval on others. #}
{% macro days_between(first, last) -%}
cast({{ dbt.datediff(first, last, 'day') }} as integer)
{%- endmacro %}
