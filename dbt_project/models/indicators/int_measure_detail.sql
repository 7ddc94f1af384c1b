{{ config(materialized='view', meta={'zone': 'restricted'}) }}
{% set facts = [
    'school_resource', 'teacher', 'average_students', 'exam', 'exam_plan', 'value_added', 'budget', 'execution',
    'final_account', 'facility', 'learning', 'county', 'city', 'register', 'people', 'yearly',
] %}
{# Terms of every fact by entity and, where a term is taken by a thing, by thing (`item_code`: a class, a teacher). #}
{% for fact in facts %}
    select
        term_code, measure_code, '{{ fact }}' as source_fact, region_code, entity_type, school_code, entity_id,
        period_type, period_id, stage, urban_rural, grade, subject, exam_id,
        {% if fact == 'exam_plan' %}group_code,{% else %}'_all' as group_code,{% endif %}
        submission_id, term_value, missing_rows, group_code as item_code
    from {{ ref('int_measure__' ~ fact) }}
    {% if not loop.last %}union all{% endif %}
{% endfor %}
