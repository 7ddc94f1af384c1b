{# What every fact must hold, in one node: its key is whole and unique, its region is listed, and its school reported at
   least once. Returns what is broken, and where. #}
{% test well_keyed(model, key, regions=none, schools=none) %}
    select
        'key' as broken,
        {% for part in key -%}
            coalesce(cast({{ part }} as varchar), '') {% if not loop.last %}|| '|' ||{% endif %}
        {% endfor %} as detail
    from {{ model }}
    group by {{ key | join(', ') }}
    having
        count(*) > 1
        {% for part in key -%}
            or max(case when {{ part }} is null then 1 else 0 end) = 1
        {% endfor %}
    {% if regions -%}
        union all
        select distinct
            'region' as broken,
            facts.region_code as detail
        from {{ model }} as facts
        left join {{ regions }} as known on facts.region_code = known.region_code
        where known.region_code is null
    {% endif %}
    {% if schools -%}
        union all
        select distinct
            'school' as broken,
            facts.school_code as detail
        from {{ model }} as facts
        left join {{ schools }} as known on facts.school_code = known.school_code
        where facts.school_code is not null and known.school_code is null
    {% endif %}
{% endtest %}
