{# md5 hex of the natural key; NULL parts are written '_null_' so that engines agree. #}
{% macro surrogate_key(columns) -%}
md5({% for c in columns %}coalesce(cast({{ c }} as varchar), '_null_'){% if not loop.last %} || '|' || {% endif %}{% endfor %})
{%- endmacro %}
