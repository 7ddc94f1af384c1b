{{ config(meta={'zone': 'restricted'}) }}
{% set keys = 'term_code, measure_code, source_fact, region_code, period_type, period_id' %}
{% set total -%}
    case when max(rollup) = 'distinct' then count(distinct case when term_value > 0 then item_code end) else sum(term_value) end
{%- endset %}
{# Terms of every fact by entity, for every scope of stages, then brought to school and county. Only sums and counts of
   distinct things go up. #}
with base as (
    select * from {{ ref('int_measure_detail') }}
),

-- Exams that may be pooled stand once more under '_all'; a level of detail that is '_all' already is not repeated.
detailed as (
    select
        term_code, measure_code, source_fact, region_code, entity_type, school_code, entity_id, period_type, period_id,
        stage, urban_rural, grade, subject, exam_id, group_code, submission_id, term_value, missing_rows, item_code
    from base
    union all
    select
        b.term_code, b.measure_code, b.source_fact, b.region_code, b.entity_type, b.school_code, b.entity_id,
        b.period_type, b.period_id, b.stage, b.urban_rural, '_all', '_all', '_all', '_all',
        cast(null as varchar), b.term_value, b.missing_rows, b.item_code
    from base as b
    inner join {{ ref('term') }} as t on b.term_code = t.term_code
    where t.pools_exams = 'yes' and b.source_fact in ('exam', 'exam_plan', 'value_added')
),

scoped as (
    select
        d.*, s.stage_scope, t.rollup,
        case when t.rollup = 'distinct' then d.item_code end as counted_code
    from detailed as d
    inner join {{ ref('int_scope_stage') }} as s on d.stage = s.stage
    inner join {{ ref('term') }} as t on d.term_code = t.term_code
    where t.rollup <> 'none'
),

-- One row per section or unit, at its own stage.
own as (
    select
        {{ keys }}, entity_type, entity_id, stage_scope, 'all' as urban_rural, grade, subject, exam_id, group_code,
        {{ total }} as term_value, cast(sum(missing_rows) as bigint) as missing_rows,
        max(submission_id) as submission_id
    from scoped
    where
        (entity_type = 'section' and stage_scope = stage)
        or (entity_type = 'unit' and stage_scope in (stage, 'all'))
    group by {{ keys }}, entity_type, entity_id, stage_scope, grade, subject, exam_id, group_code
),

-- A thing counts once, however many rows it has: they are brought together before anything is counted, since an engine
-- that must count distinct things sorts all rows for it.
items as (
    select
        {{ keys }}, coalesce(school_code, entity_id) as school_code,
        min(case when school_code is null then entity_type else 'school' end) as entity_type, stage_scope,
        urban_rural, grade, subject, exam_id, group_code, rollup, counted_code,
        case rollup
            when 'distinct' then max(case when term_value > 0 and counted_code is not null then 1 else 0 end)
            when 'max_within_school' then max(term_value)
            else sum(term_value)
        end as term_value,
        sum(missing_rows) as missing_rows
    from scoped
    group by
        {{ keys }}, coalesce(school_code, entity_id), stage_scope, urban_rural, grade, subject, exam_id, group_code,
        rollup, counted_code
),

schools as (
    select
        {{ keys }}, school_code, min(entity_type) as entity_type, stage_scope, max(urban_rural) as urban_rural,
        grade, subject, exam_id, group_code, rollup,
        case rollup when 'max_within_school' then max(term_value) else sum(term_value) end as term_value,
        cast(sum(missing_rows) as bigint) as missing_rows
    from items
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
    select *, 'all' as area from items
    where rollup = 'distinct'
    union all
    select *, urban_rural as area
    from items
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
