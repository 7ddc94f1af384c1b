{{ config(meta={'zone': 'restricted'}) }}
{% set keys = 'term_code, measure_code, source_fact, region_code, period_type, period_id' %}
{% set total -%}
    case when max(rollup) = 'distinct' then count(distinct case when term_value > 0 then item_code end) else sum(term_value) end
{%- endset %}
{# Terms of every fact by entity, for every scope of stages, brought to school and county. Only sums and counts of
   distinct things go up. #}
-- One row per section or unit, at its own stage.
with own as (
    select
        {{ keys }}, entity_type, entity_id, stage_scope, 'all' as urban_rural, grade, subject, exam_id, group_code,
        {{ total }} as term_value, cast(sum(missing_rows) as bigint) as missing_rows,
        max(submission_id) as submission_id
    from {{ ref('int_measure_scoped') }}
    where
        (entity_type = 'section' and stage_scope = stage)
        or (entity_type = 'unit' and stage_scope in (stage, 'all'))
    group by {{ keys }}, entity_type, entity_id, stage_scope, grade, subject, exam_id, group_code
),

schools as (
    select
        {{ keys }}, school_code, min(entity_type) as entity_type, stage_scope, max(urban_rural) as urban_rural,
        grade, subject, exam_id, group_code, rollup,
        case rollup when 'max_within_school' then max(term_value) else sum(term_value) end as term_value,
        cast(sum(missing_rows) as bigint) as missing_rows
    from {{ ref('int_measure_item') }}
    group by {{ keys }}, school_code, stage_scope, grade, subject, exam_id, group_code, rollup
),

located as (
    select *, 'all' as area from schools
    where rollup <> 'distinct'
    union all
    select *, urban_rural as area
    from schools
    where rollup <> 'distinct' and urban_rural in ('urban', 'rural')
),

-- A thing that several schools have is one thing of the county.
spread as (
    select *, 'all' as area from {{ ref('int_measure_item') }}
    where rollup = 'distinct'
    union all
    select *, urban_rural as area
    from {{ ref('int_measure_item') }}
    where rollup = 'distinct' and urban_rural in ('urban', 'rural')
),

things as (
    select
        {{ keys }}, stage_scope, area, grade, subject, exam_id, group_code, counted_code,
        max(term_value) as term_value, sum(missing_rows) as missing_rows
    from spread
    group by {{ keys }}, stage_scope, area, grade, subject, exam_id, group_code, counted_code
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
where entity_type = 'school'
union all
select
    {{ keys }}, 'county' as entity_type, region_code as entity_id, stage_scope, area as urban_rural,
    grade, subject, exam_id, group_code, sum(term_value), cast(sum(missing_rows) as bigint), cast(null as varchar)
from located
group by {{ keys }}, stage_scope, area, grade, subject, exam_id, group_code
union all
select
    {{ keys }}, 'county' as entity_type, region_code as entity_id, stage_scope, area as urban_rural,
    grade, subject, exam_id, group_code, sum(term_value), cast(sum(missing_rows) as bigint), cast(null as varchar)
from things
group by {{ keys }}, stage_scope, area, grade, subject, exam_id, group_code
