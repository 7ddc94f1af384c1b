{# Rows of a long measure base from one relation: one SELECT a measure, joined by UNION ALL. `measures` maps a measure
   to [value, field]: an expression, and the raw column whose cell shows it. A stage or school that a row does not name
   is written as such: '_any' counts in every scope. #}
{% macro measure_rows(relation, measures, period_type, period, entity='section', school='src.school_code',
    stage='src.stage', detail="'_all'", kind="'_all'", kind2="'_all'", subject="'_all'", year=none, where='true') -%}
{% for measure, what in measures.items() %}
    select
        src.region_code,
        '{{ entity }}' as entity_type,
        cast({{ school }} as varchar) as school_code,
        '{{ period_type }}' as period_type,
        cast({{ period }} as varchar) as period_id,
        cast({{ year or period }} as varchar) as attribute_year,
        coalesce({{ stage }}, '_any') as stage,
        '{{ measure }}' as measure_code,
        cast({{ what[0] }} as decimal(28, 10)) as measure_value,
        '{{ what[1] }}' as field_name,
        cast({{ detail }} as varchar) as item_code,
        cast({{ kind }} as varchar) as kind_code,
        cast({{ kind2 }} as varchar) as kind2_code,
        cast({{ subject }} as varchar) as subject_code,
        src.submission_id,
        src.sheet_name,
        src.row_number
    from {{ relation }} as src
    where {{ where }}
    {% if not loop.last %}union all{% endif %}
{% endfor %}
{%- endmacro %}

{# 1 for 是, 0 for 否, unknown otherwise. #}
{% macro yes_no(column) -%}
case {{ column }} when '是' then 1 when '否' then 0 end
{%- endmacro %}
