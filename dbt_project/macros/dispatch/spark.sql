{# What dbt writes around a model on Spark. The models say `varchar`, as every other engine here does; Spark has no such
   type without a length and calls it `string`. #}
{% macro spark_spelling(sql) -%}
{{ return(modules.re.sub('(?i)\\bas\\s+varchar\\b(?!\\s*\\()', 'as string', sql)) }}
{%- endmacro %}

{% macro spark__create_table_as(temporary, relation, compiled_code, language='sql') -%}
{{ dbt.spark__create_table_as(temporary, relation, spark_spelling(compiled_code), language) }}
{%- endmacro %}

{% macro spark__create_view_as(relation, sql) -%}
{{ dbt.spark__create_view_as(relation, spark_spelling(sql)) }}
{%- endmacro %}

{% macro spark__get_test_sql(main_sql, fail_calc, warn_if, error_if, limit) -%}
{{ dbt.default__get_test_sql(spark_spelling(main_sql), fail_calc, warn_if, error_if, limit) }}
{%- endmacro %}

{# The types of a contract. #}
{% macro spark__cast(field, type) -%}
cast({{ field }} as {{ 'string' if type == 'varchar' else type }})
{%- endmacro %}

{# A seed is read from its file, as on DuckDB: dbt would write its rows into a statement, where a NULL becomes the text
   'None' and a backslash is lost. #}
{% macro spark__create_csv_table(model, agate_table) -%}
{%- set types = model['config'].get('column_types', {}) -%}
{%- set rows = 'seed_rows_' ~ model['alias'] -%}
{%- call statement('rows') -%}
    create or replace temporary view {{ rows }} (
        {% for name in agate_table.column_names -%}
            `{{ name }}` string{{ ', ' if not loop.last }}
        {%- endfor %}
    )
    using csv
    options (
        path '{{ model['root_path'] ~ '/' ~ model['original_file_path'] }}',
        header 'true', escape '"', multiLine 'true', encoding 'UTF-8'
    )
{%- endcall -%}
{%- set made -%}
    create table {{ this.render() }} {{ file_format_clause() }} as
    select
        {% for name in agate_table.column_names -%}
            {{ cast("nullif(`" ~ name ~ "`, '')", types.get(name, adapter.convert_type(agate_table, loop.index0))) }}
                as `{{ name }}`{{ ', ' if not loop.last }}
        {% endfor %}
    from {{ rows }}
{%- endset -%}
{%- call statement('_') -%}{{ made }}{%- endcall -%}
{%- call statement('rows_read') -%}drop view if exists {{ rows }}{%- endcall -%}
{{ return(made) }}
{%- endmacro %}

{# The rows came with the table. #}
{% macro spark__load_csv_rows(model, agate_table) -%}
{{ return('') }}
{%- endmacro %}
