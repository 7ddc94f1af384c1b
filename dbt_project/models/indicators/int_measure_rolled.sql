{{ config(meta={'zone': 'restricted'}) }}
{% set keys = 'term_code, measure_code, source_fact, region_code, period_type, period_id' %}
{% set total -%}
    case when max(d.rollup) = 'distinct' then count(distinct case when d.term_value > 0 then d.item_code end)
    else sum(d.term_value) end
{%- endset %}
{# Terms of every fact by entity, for every scope of stages, brought to school and county. Only sums and counts of
   distinct things go up. #}
-- One row per section or unit, at its own stage.
with own as (
    select
        {{ keys }}, d.entity_type, d.entity_id, s.stage_scope, 'all' as urban_rural, d.grade, d.subject, d.exam_id,
        d.group_code, {{ total }} as term_value, cast(sum(d.missing_rows) as bigint) as missing_rows,
        max(d.submission_id) as submission_id
    from {{ ref('int_measure_pooled') }} as d
    inner join {{ ref('int_scope_stage') }} as s on d.stage = s.stage
    where
        (d.entity_type = 'section' and s.stage_scope = d.stage)
        or (d.entity_type = 'unit' and s.stage_scope in (d.stage, 'all'))
    group by
        {{ keys }}, d.entity_type, d.entity_id, s.stage_scope, d.grade, d.subject, d.exam_id, d.group_code
),

schools as (
    select
        {{ keys }}, i.school_code, min(i.entity_type) as entity_type, s.stage_scope, max(i.urban_rural) as urban_rural,
        i.grade, i.subject, i.exam_id, i.group_code, i.rollup,
        case i.rollup when 'max_within_school' then max(i.term_value) else sum(i.term_value) end as term_value,
        cast(sum(i.missing_rows) as bigint) as missing_rows
    from {{ ref('int_measure_item') }} as i
    inner join {{ ref('int_scope_stage') }} as s on i.stage = s.stage
    where i.rollup <> 'distinct'
    group by {{ keys }}, i.school_code, s.stage_scope, i.grade, i.subject, i.exam_id, i.group_code, i.rollup
),

-- Sums of a county are of its rows, whatever school they are of: added before scopes are spread, they are few.
rows_added as (
    select
        {{ keys }}, stage, urban_rural, grade, subject, exam_id, group_code,
        sum(term_value) as term_value, sum(missing_rows) as missing_rows
    from {{ ref('int_measure_item') }}
    where rollup not in ('distinct', 'max_within_school')
    group by {{ keys }}, stage, urban_rural, grade, subject, exam_id, group_code
),

largest as (
    select
        {{ keys }}, i.school_code, s.stage_scope, i.urban_rural, i.grade, i.subject, i.exam_id, i.group_code,
        max(i.term_value) as term_value, sum(i.missing_rows) as missing_rows
    from {{ ref('int_measure_item') }} as i
    inner join {{ ref('int_scope_stage') }} as s on i.stage = s.stage
    where i.rollup = 'max_within_school'
    group by {{ keys }}, i.school_code, s.stage_scope, i.urban_rural, i.grade, i.subject, i.exam_id, i.group_code
),

added as (
    select
        {{ keys }}, s.stage_scope, r.urban_rural, r.grade, r.subject, r.exam_id, r.group_code,
        r.term_value, r.missing_rows
    from rows_added as r
    inner join {{ ref('int_scope_stage') }} as s on r.stage = s.stage
    union all
    select {{ keys }}, stage_scope, urban_rural, grade, subject, exam_id, group_code, term_value, missing_rows
    from largest
),

-- A thing that several schools have is one thing of the county, and of an area.
county_things as (
    select
        {{ keys }}, stage_scope, grade, subject, exam_id, group_code, counted_code,
        max(term_value) as term_value, sum(missing_rows) as missing_rows
    from {{ ref('int_measure_thing') }}
    group by {{ keys }}, stage_scope, grade, subject, exam_id, group_code, counted_code
),

area_things as (
    select
        {{ keys }}, stage_scope, urban_rural, grade, subject, exam_id, group_code, counted_code,
        max(term_value) as term_value, sum(missing_rows) as missing_rows
    from {{ ref('int_measure_thing') }}
    where urban_rural in ('urban', 'rural')
    group by {{ keys }}, stage_scope, urban_rural, grade, subject, exam_id, group_code, counted_code
),

county as (
    select
        {{ keys }}, stage_scope, 'all' as area, grade, subject, exam_id, group_code, term_value, missing_rows
    from added
    union all
    select {{ keys }}, stage_scope, urban_rural, grade, subject, exam_id, group_code, term_value, missing_rows
    from added
    where urban_rural in ('urban', 'rural')
    union all
    select {{ keys }}, stage_scope, 'all', grade, subject, exam_id, group_code, term_value, missing_rows
    from county_things
    union all
    select {{ keys }}, stage_scope, urban_rural, grade, subject, exam_id, group_code, term_value, missing_rows
    from area_things
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
    {{ keys }}, 'school' as entity_type, school_code as entity_id, stage_scope, 'all' as urban_rural,
    grade, subject, exam_id, group_code, sum(term_value), cast(sum(missing_rows) as bigint), cast(null as varchar)
from {{ ref('int_measure_thing') }}
group by {{ keys }}, school_code, stage_scope, grade, subject, exam_id, group_code
having min(entity_type) = 'school'
union all
select
    {{ keys }}, 'county' as entity_type, region_code as entity_id, stage_scope, area as urban_rural,
    grade, subject, exam_id, group_code, sum(term_value), cast(sum(missing_rows) as bigint), cast(null as varchar)
from county
group by {{ keys }}, stage_scope, area, grade, subject, exam_id, group_code
