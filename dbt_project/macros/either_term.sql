{# A relation's rows once for each of two terms they read, the term as `term_code`: joined by equality. "This term or that
   one" is no key, and an engine would let all rows meet. #}
{% macro either_term(relation, first, second) -%}
select {{ relation }}.*, {{ first }} as term_code
from {{ relation }}
union
select {{ relation }}.*, {{ second }} as term_code
from {{ relation }}
{%- endmacro %}
