{# Rows of a raw source that count in this build: those whose submission is in the pin. #}
{% macro raw(source) -%}
(
    select r.*
    from read_parquet('{{ var("raw_dir") }}/{{ source }}/**/*.parquet', union_by_name = true, hive_partitioning = false) as r
    where r._submission_id in (select submission_id from read_parquet('{{ var("build_dir") }}/pin.parquet'))
)
{%- endmacro %}

{# A table of the ledger as it stood when the build began: submission, row_class or reject. #}
{% macro ledger(table) -%}
read_parquet('{{ var("build_dir") }}/ledger/{{ table }}.parquet')
{%- endmacro %}
