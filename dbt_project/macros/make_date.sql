{# A date from year, month and day expressions; `cast` of ISO text is the form every engine has. #}
{% macro make_date(year, month, day) -%}
cast(
    cast({{ year }} as varchar)
    || case when {{ month }} < 10 then '-0' else '-' end || cast({{ month }} as varchar)
    || case when {{ day }} < 10 then '-0' else '-' end || cast({{ day }} as varchar)
    as date
)
{%- endmacro %}
