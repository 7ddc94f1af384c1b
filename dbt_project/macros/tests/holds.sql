{# Every row satisfies the expression (NULL counts as satisfied). Returns the rows that do not. #}
{% test holds(model, expression) %}
    select *
    from {{ model }}
    where not ({{ expression }})
{% endtest %}
