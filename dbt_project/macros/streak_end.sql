{# The year after which a streak may begin, where a row ends one: a year that breaks it, or, where the year before is not
   known, that year. The largest of them up to a year is how far back its streak reaches. #}
{% macro streak_end(is_break, year, year_before) -%}
case
            when {{ is_break }} = 1 then {{ year }}
            when {{ year_before }} is null or {{ year_before }} < {{ year }} - 1 then {{ year }} - 1
        end
{%- endmacro %}
