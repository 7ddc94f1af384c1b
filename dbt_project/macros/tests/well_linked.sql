{# What every foreign key of a fact must hold, in one reading of it. A link names a `column`, the dimension `to` and its
   `field`, and two shares of the fact's rows that may not be passed: `nulls` without a key, and `unlisted` with a key
   that the dimension does not have (both 0 unless given). `none` is a word that stands for "no member", as '_all' does.
   With `by_region` only regions that the dimension has rows of are asked for its members: where no roll has come,
   nobody is on it; with `since`, the dimension's column of a first school year, and `year`, a calendar year of the fact,
   only years that end after the region's first roll: who left before it is on none. A bound on nulls of nine tenths or
   more says that a column is not empty throughout, which a few rows cannot tell: it is asked of a hundred or more; a
   day that is to come for every row (a gap that is closed, a project that is done) has 1 and may be empty throughout.
   `where` names the rows that the link is about, of `facts`: shares are of those. Returns the columns
   that are over a bound. #}
{% test well_linked(model, links) %}
    with counted as (
        select
            count(*) as all_rows
            {% for link in links -%}
                {%- set concerned = link.where | default('true') %}
                , sum(case when {{ concerned }} then 1 else 0 end) as rows_{{ loop.index }},
                sum(case when facts.{{ link.column }} is null and {{ concerned }} then 1 else 0 end)
                    as nulls_{{ loop.index }},
                sum(
                    case
                        when not ({{ concerned }}) then 0
                        when facts.{{ link.column }} is null or known_{{ loop.index }}.member is not null then 0
                        {% if link.none is defined -%}
                            when facts.{{ link.column }} = '{{ link.none }}' then 0
                        {% endif -%}
                        {% if link.by_region is defined -%}
                            when facts.region_code is not null and told_{{ loop.index }}.region_code is null then 0
                        {% endif -%}
                        {% if link.since is defined -%}
                            when facts.{{ link.year }} <= told_{{ loop.index }}.first_year then 0
                        {% endif -%}
                        else 1
                    end
                ) as unlisted_{{ loop.index }}
            {% endfor %}
        from {{ model }} as facts
        {% for link in links -%}
            left join (select distinct {{ link.field }} as member from {{ link.to }}) as known_{{ loop.index }}
                on facts.{{ link.column }} = known_{{ loop.index }}.member
            {% if link.by_region is defined -%}
                left join (
                    select
                        region_code
                        {% if link.since is defined -%}
                            , min(cast(substr({{ link.since }}, 1, 4) as integer)) as first_year
                        {% endif -%}
                    from {{ link.to }}
                    group by region_code
                ) as told_{{ loop.index }}
                    on facts.region_code = told_{{ loop.index }}.region_code
            {% endif -%}
        {% endfor %}
    )

    {% for link in links -%}
        select
            '{{ link.column }}' as column_name,
            rows_{{ loop.index }} as all_rows,
            nulls_{{ loop.index }} as null_rows,
            unlisted_{{ loop.index }} as unlisted_rows
        from counted
        where
            (
                nulls_{{ loop.index }} > {{ link.nulls | default(0) }} * rows_{{ loop.index }}
                {% if link.nulls | default(0) >= 0.9 -%}
                    and rows_{{ loop.index }} >= 100
                {% endif -%}
            )
            or unlisted_{{ loop.index }} > {{ link.unlisted | default(0) }} * rows_{{ loop.index }}
        {% if not loop.last %}union all{% endif %}
    {% endfor %}
{% endtest %}
