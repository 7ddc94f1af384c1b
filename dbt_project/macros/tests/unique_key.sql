{# The natural key of a table: no two rows share it and no part is NULL. Returns the offending keys. #}
{% test unique_key(model, columns) %}
    select
        {{ columns | join(', ') }},
        count(*) as row_count
    from {{ model }}
    group by {{ columns | join(', ') }}
    having
        count(*) > 1
        {% for column in columns -%}
            or max(case when {{ column }} is null then 1 else 0 end) = 1
        {% endfor %}
{% endtest %}
