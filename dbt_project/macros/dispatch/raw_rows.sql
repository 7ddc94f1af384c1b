{# All rows of a raw source. DuckDB reads the Parquet files where they lie; a server cannot, so that the build has copied
   the pinned rows into a table of its schema (`warehouse/postgres_load.py`). Rows that a declared correction touches are
   read from the build's own folder (`warehouse/corrections.py`). The linter knows no adapter: it reads the
   default. #}
{% macro raw_rows(source) -%}
{%- if adapter is defined and adapter.dispatch is defined -%}
    {{ adapter.dispatch('raw_rows', 'schoolhouse')(source) }}
{%- else -%}
    {{ default__raw_rows(source) }}
{%- endif -%}
{%- endmacro %}

{% macro default__raw_rows(source) -%}
{%- set rows = "read_parquet('" ~ var("raw_dir") ~ "/" ~ source ~ "/**/*.parquet', union_by_name = true, hive_partitioning = false)" -%}
{%- if source in var("corrected_sources", []) -%}
{%- set corrected = "read_parquet('" ~ var("corrected_dir") ~ "/" ~ source ~ ".parquet')" -%}
(
    select a.*
    from {{ rows }} as a
    where not exists (
        select 1 from {{ corrected }} as c
        where c._submission_id = a._submission_id and c._sheet = a._sheet and c._row = a._row
    )
    union all by name
    select * from {{ corrected }}
)
{%- else -%}
{{ rows }}
{%- endif -%}
{%- endmacro %}

{% macro postgres__raw_rows(source) -%}
{{ target.schema }}.raw_{{ source }}
{%- endmacro %}

{% macro spark__raw_rows(source) -%}
{{ target.schema }}.raw_{{ source }}
{%- endmacro %}
