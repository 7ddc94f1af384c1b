{{ config(meta={'zone': 'restricted'}) }}
{% set facts = [
    'school_resource', 'teacher', 'average_students', 'exam', 'exam_plan', 'value_added', 'budget', 'execution',
    'final_account',
] %}
{% set keys = 'term_code, measure_code, source_fact, region_code, period_type, period_id' %}
{# Terms of every fact by entity, for every scope of stages, then summed to school and county. Only sums go up. #}
with base as (
    {% for fact in facts %}
        select *, '{{ fact }}' as source_fact from {{ ref('int_measure__' ~ fact) }}
        {% if not loop.last %}union all{% endif %}
    {% endfor %}
),

-- Exams that may be pooled stand once more under '_all'; a level of detail that is '_all' already is not repeated.
detailed as (
    select
        term_code, measure_code, source_fact, region_code, entity_type, school_code, entity_id, period_type, period_id,
        stage, urban_rural, grade, subject, exam_id, group_code, submission_id, term_value, missing_rows
    from base
    union all
    select
        b.term_code, b.measure_code, b.source_fact, b.region_code, b.entity_type, b.school_code, b.entity_id,
        b.period_type, b.period_id, b.stage, b.urban_rural, '_all', '_all', '_all', '_all',
        cast(null as varchar), b.term_value, b.missing_rows
    from base as b
    inner join {{ ref('term') }} as t on b.term_code = t.term_code
    where t.pools_exams = 'yes' and b.source_fact in ('exam', 'exam_plan', 'value_added')
),

scoped as (
    select d.*, s.stage_scope, t.rollup
    from detailed as d
    inner join {{ ref('stage_scope') }} as s on d.stage = s.stage
    inner join {{ ref('term') }} as t on d.term_code = t.term_code
),

-- One row per section or unit, at its own stage.
own as (
    select
        {{ keys }}, entity_type, entity_id, stage_scope, 'all' as urban_rural, grade, subject, exam_id, group_code,
        sum(term_value) as term_value, sum(missing_rows) as missing_rows, max(submission_id) as submission_id
    from scoped
    where entity_type <> 'county' and (stage_scope = stage or (entity_type = 'unit' and stage_scope = 'all'))
    group by {{ keys }}, entity_type, entity_id, stage_scope, grade, subject, exam_id, group_code
),

schools as (
    select
        {{ keys }}, coalesce(school_code, entity_id) as school_code, max(entity_type) as entity_type, stage_scope,
        max(urban_rural) as urban_rural, grade, subject, exam_id, group_code,
        case when max(rollup) = 'max_within_school' then max(term_value) else sum(term_value) end as term_value,
        sum(missing_rows) as missing_rows
    from scoped
    group by {{ keys }}, coalesce(school_code, entity_id), stage_scope, grade, subject, exam_id, group_code
),

located as (
    select *, 'all' as area from schools
    union all
    select *, urban_rural as area
    from schools
    where urban_rural in ('urban', 'rural')
)

select
    {{ keys }}, entity_type, entity_id, stage_scope, urban_rural, grade, subject, exam_id, group_code,
    term_value, missing_rows, submission_id
from own
union all
select
    {{ keys }}, 'school' as entity_type, school_code as entity_id, stage_scope, 'all' as urban_rural,
    grade, subject, exam_id, group_code, term_value, missing_rows, cast(null as varchar)
from schools
where entity_type = 'section'
union all
select
    {{ keys }}, 'county' as entity_type, region_code as entity_id, stage_scope, area as urban_rural,
    grade, subject, exam_id, group_code, sum(term_value), sum(missing_rows), cast(null as varchar)
from located
group by {{ keys }}, stage_scope, area, grade, subject, exam_id, group_code
