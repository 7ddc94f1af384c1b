{# First calendar year of a school year such as '2024-2025'. #}
{% macro school_year_start(column) -%}
cast(substr({{ column }}, 1, 4) as integer)
{%- endmacro %}

{# The school year that lies `years` after (or, negative, before) another. #}
{% macro school_year_shift(column, years) -%}
cast({{ school_year_start(column) }} + ({{ years }}) as varchar)
    || '-' || cast({{ school_year_start(column) }} + ({{ years }}) + 1 as varchar)
{%- endmacro %}
