{# True where a list written '语文、数学' holds the item. Lists are split by 、 , ; or /. #}
{% macro list_contains_item(list_text, item) -%}
'、' || replace(replace(replace(replace(replace(coalesce({{ list_text }}, ''), ',', '、'), ',', '、'), ';', '、'), ';', '、'), '/', '、')
    || '、' like '%、' || {{ item }} || '、%'
{%- endmacro %}
