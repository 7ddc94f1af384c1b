{# All rows of a raw source. DuckDB reads the Parquet files where they lie; a server cannot, so that the build has copied
   the pinned rows into a table of its schema (`warehouse/postgres_load.py`). The linter knows no adapter: it reads the
   default. #}
{% macro raw_rows(source) -%}
{%- if adapter is defined and adapter.dispatch is defined -%}
    {{ adapter.dispatch('raw_rows', 'schoolhouse')(source) }}
{%- else -%}
    {{ default__raw_rows(source) }}
{%- endif -%}
{%- endmacro %}

{% macro default__raw_rows(source) -%}
read_parquet('{{ var("raw_dir") }}/{{ source }}/**/*.parquet', union_by_name = true, hive_partitioning = false)
{%- endmacro %}

{% macro postgres__raw_rows(source) -%}
{{ target.schema }}.raw_{{ source }}
{%- endmacro %}
