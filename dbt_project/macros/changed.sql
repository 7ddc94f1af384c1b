{# What an incremental model of exams makes when its database began with rows of the build before (warehouse/reuse.py);
   nothing where everything is made. #}

{# Only rows of exams that changed. #}
{% macro join_changed_exam(rows) -%}
{% if is_incremental() -%}
inner join {{ ledger('changed_exam') }} as changed
    on {{ rows }}.exam_id = changed.exam_id and {{ rows }}.school_year = changed.school_year
{%- endif %}
{%- endmacro %}

{# Only rows of school years with an exam that came, changed or went. #}
{% macro where_changed_exam_year(rows) -%}
{% if is_incremental() -%}
where {{ rows }}.school_year in (select changed.school_year from {{ ledger('changed_exam_year') }} as changed)
{%- endif %}
{%- endmacro %}
