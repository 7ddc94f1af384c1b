{# What an engine wants said around the making of a table; nothing on most. Hooks of the project, see dbt_project.yml. #}
{% macro before_table() -%}
{{ adapter.dispatch('before_table', 'schoolhouse')() }}
{%- endmacro %}

{% macro default__before_table() -%}{%- endmacro %}

{# A query here is steps upon steps, whose sizes PostgreSQL takes for one row: it would join sets row by row for hours, or
   sort them by ten texts, which takes ten times as long as to hash them. A join without an equality, a window and an
   ordered aggregate still have what they need: off means last. #}
{% macro postgres__before_table() -%}
set local enable_nestloop = off; set local enable_mergejoin = off; set local enable_sort = off
{%- endmacro %}

{% macro after_table() -%}
{{ adapter.dispatch('after_table', 'schoolhouse')() }}
{%- endmacro %}

{% macro default__after_table() -%}{%- endmacro %}

{# Nobody else gathers the statistics in time for the next model. #}
{% macro postgres__after_table() -%}
{% if config.get('materialized') in ('table', 'seed', 'incremental') %}analyze {{ this }}{% endif %}
{%- endmacro %}
