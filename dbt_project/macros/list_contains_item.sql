{# True where a list written '语文、数学' holds the item. Items are split by 、 or a comma, semicolon or slash of any width. #}
{% macro list_contains_item(list_text, item) -%}
{%- set text = namespace(sql="coalesce(" ~ list_text ~ ", '')") -%}
{%- for mark in [',', '\uff0c', ';', '\uff1b', '/'] -%}
    {%- set text.sql = "replace(" ~ text.sql ~ ", '" ~ mark ~ "', '、')" -%}
{%- endfor -%}
'、' || {{ text.sql }} || '、' like '%、' || {{ item }} || '、%'
{%- endmacro %}
