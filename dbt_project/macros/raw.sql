{# Rows of a raw source that count in this build: those whose submission is in the pin. #}
{% macro raw(source) -%}
(
    select r.*
    from {{ raw_rows(source) }} as r
    where r._submission_id in (select p.submission_id from {{ ref('stg_ledger__pin') }} as p)
)
{%- endmacro %}

{# A table of the ledger as it stood when the build began: pin, submission, row_class, reject, edition and others. The
   build puts them into its own database before the models run, so that no path in the project changes from build to
   build. #}
{% macro ledger(table) -%}
{{ source('inputs', 'input_' ~ table) }}
{%- endmacro %}
