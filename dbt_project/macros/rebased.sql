{# A fact of schools on the map of schools of a chosen year: additive `measures` by school and `keys`, each row handed on
   by the shares of the changes since. Only what adds up can be rebased: rates are made of the sums afterwards. `as_of` is
   an expression, a school year in quotes; rows of later years than it are left out, for nobody knows their former
   school. #}
{% macro rebased(relation, measures, as_of, keys=[]) -%}
select
    links.rebased_region_code as region_code,
    links.rebased_school_code as school_code,
    facts.school_year,
    {%- for key in keys %}
    facts.{{ key }},
    {%- endfor %}
    {%- for measure in measures %}
    sum(facts.{{ measure }} * links.share) as {{ measure }}{% if not loop.last %},{% endif %}
    {%- endfor %}
from {{ relation }} as facts
inner join {{ ref('bridge_school_rebased') }} as links
    on facts.school_code = links.school_code and facts.school_year = links.school_year
where links.as_of_school_year = {{ as_of }}
group by links.rebased_region_code, links.rebased_school_code, facts.school_year
    {%- for key in keys %}, facts.{{ key }}{% endfor %}
{%- endmacro %}
