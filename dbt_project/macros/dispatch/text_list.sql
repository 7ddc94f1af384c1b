{# Texts of a group as one, parted by `parting`, in the order of another column and then of the text itself. #}
{% macro text_list(column, order, parting='、') -%}
{%- if adapter is defined and adapter.dispatch is defined -%}
    {{ adapter.dispatch('text_list', 'schoolhouse')(column, order, parting) }}
{%- else -%}
    {{ default__text_list(column, order, parting) }}
{%- endif -%}
{%- endmacro %}

{% macro default__text_list(column, order, parting) -%}
string_agg({{ column }}, '{{ parting }}' order by {{ order }} asc, {{ column }} asc)
{%- endmacro %}

{% macro spark__text_list(column, order, parting) -%}
array_join(
    transform(sort_array(collect_list(struct({{ order }} as o, {{ column }} as t))), x -> x.t), '{{ parting }}'
)
{%- endmacro %}
