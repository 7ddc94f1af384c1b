{{ config(meta={'zone': 'restricted'}) }}
{% set one = 'region_code, school_year, indicator_code' %}
{# Candidates for publication, with the cells too small to show. Exams and persons never come this far. #}
with measures as (
    select
        m.measure_code,
        m.disclosure in ('pupils', 'sensitive') and m.value_type = 'count' and u.unit is not null as counts_persons
    from {{ ref('dim_measure') }} as m
    left join {{ ref('person_unit') }} as u on m.unit = u.unit
),

-- What the numerator and denominator of a value are: the counts themselves, or something computed from them. A change
-- of plain counts holds a count on both sides; a deviation, a mean or a change of rates holds none, however small.
operands as (
    select
        i.indicator_code,
        coalesce(n.counts_persons, false) and (
            f.form in ('ratio', 'total', 'cycle_sum', 'extreme', 'condition_flag', 'condition_number')
            or (f.form in ('difference', 'relative') and i.denominator_measure is null)
        ) as numerator_is_persons,
        case
            when f.form = 'ratio' then coalesce(d.counts_persons, false)
            when f.form in ('difference', 'relative') and i.denominator_measure is null
                then coalesce(n.counts_persons, false)
            else false
        end as denominator_is_persons,
        f.form = 'extreme' and i.denominator_measure is null and coalesce(n.counts_persons, false) as value_is_persons
    from {{ ref('dim_indicator') }} as i
    inner join {{ ref('indicator_form') }} as f on i.indicator_code = f.indicator_code
    left join measures as n on i.numerator_measure = n.measure_code
    left join measures as d on i.denominator_measure = d.measure_code
),

cells as (
    select
        e.region_code, e.school_year, v.indicator_code, v.entity_type, v.entity_id, v.period_type, v.period_id, v.stage,
        v.urban_rural, v.numerator, v.denominator, v.value, v.status, v.definition_version,
        case
            when o.numerator_is_persons and v.numerator > 0 and v.numerator < p.value then 1
            when o.denominator_is_persons and v.denominator > 0 and v.denominator < p.value then 1
            when o.value_is_persons and v.value > 0 and v.value < p.value then 1
            else 0
        end as is_small,
        coalesce(v.denominator, v.numerator, v.value, 0) as cell_size,
        s.is_own,
        case when v.urban_rural = 'all' then 0 else 1 end as is_part_area,
        case when v.stage like '%;%' or v.stage = 'all' then 0 else 1 end as is_part_stage
    from {{ ref('int_edition_indicator') }} as e
    inner join {{ ref('fct_indicator_value') }} as v
        on e.region_code = v.region_code and e.indicator_code = v.indicator_code and e.period_id = v.period_id
    inner join {{ ref('dim_indicator') }} as i on e.indicator_code = i.indicator_code
    left join {{ ref('int_indicator_scope') }} as s on v.indicator_code = s.indicator_code and v.stage = s.stage_scope
    inner join operands as o on v.indicator_code = o.indicator_code
    left join {{ ref('int_parameter__by_school_year') }} as p
        on e.school_year = p.school_year and p.parameter_code = 'suppression_min_count'
    where
        i.zone = 'published'
        and v.exam_id = '_all'
        and v.grade = '_all'
        and v.subject = '_all'
        and v.group_code = '_all'
        and (
            v.entity_type = 'county'
            or (v.entity_type in ('school', 'section') and i.disclosure = 'institutional' and v.value is not null)
        )
        -- Beyond the indicator's own scope: what a target names, and parts that have somebody in them.
        and (
            coalesce(s.is_own, true)
            or (v.status = 'ok' and v.denominator > 0)
            or exists (
                select 1 from {{ ref('dim_target') }} as t
                where t.indicator_code = v.indicator_code and t.stage = v.stage and t.urban_rural = v.urban_rural
            )
        )
),

-- A lone hidden cell could be had by subtraction: among areas, stages or schools the smallest other is hidden as well.
ranked as (
    select
        c.*,
        sum(is_small) over (partition by {{ one }}, entity_type, entity_id, stage, is_part_area) as small_areas,
        row_number() over (
            partition by {{ one }}, entity_type, entity_id, stage, is_part_area, is_small
            order by cell_size, urban_rural
        ) as area_rank,
        sum(is_small) over (partition by {{ one }}, entity_type, entity_id, urban_rural, is_part_stage) as small_stages,
        row_number() over (
            partition by {{ one }}, entity_type, entity_id, urban_rural, is_part_stage, is_small
            order by cell_size, stage
        ) as stage_rank,
        sum(is_small) over (partition by {{ one }}, entity_type, stage, urban_rural) as small_entities,
        row_number() over (
            partition by {{ one }}, entity_type, stage, urban_rural, is_small
            order by cell_size, entity_id
        ) as entity_rank
    from cells as c
)

select
    region_code, school_year, indicator_code, entity_type, entity_id, period_type, period_id, stage, urban_rural,
    numerator, denominator, value, status, definition_version, is_own,
    is_small = 1
    or (is_small = 0 and small_areas = 1 and area_rank = 1 and is_part_area = 1)
    or (is_small = 0 and small_stages = 1 and stage_rank = 1 and is_part_stage = 1)
    or (is_small = 0 and small_entities = 1 and entity_rank = 1 and entity_type <> 'county') as is_hidden
from ranked
