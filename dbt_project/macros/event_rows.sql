{# Dated rows of a register in every period they belong to: the period they fall in and, where `until` names a column
   (or is 'null' for what never ends), each later one at whose end they still hold. `is_new` says that the row falls in
   the period, `is_valid` that it holds at the period's end. #}
{% macro event_rows(relation, measures, period_types, on, until=none, school='null', stage='null', item='null',
    kind="'_all'", kind2="'_all'", level="'_all'", entity_kind="'_all'", category="'_all'", leader="'_all'",
    ownership="'_all'", area="'_all'", subject="'_all'", where='true') -%}
{% for measure, what in measures.items() %}
    select
        src.region_code,
        cast({{ school }} as varchar) as school_code,
        p.period_type,
        p.period_id,
        p.start_year,
        cast({{ stage }} as varchar) as stage,
        '{{ measure }}' as measure_code,
        cast({{ what[0] }} as decimal(28, 10)) as measure_value,
        '{{ what[1] }}' as field_name,
        cast({{ item }} as varchar) as item_code,
        cast({{ kind }} as varchar) as kind_code,
        cast({{ kind2 }} as varchar) as kind2_code,
        cast({{ level }} as varchar) as level_code,
        cast({{ entity_kind }} as varchar) as entity_kind,
        cast({{ category }} as varchar) as category_code,
        cast({{ leader }} as varchar) as leader_code,
        cast({{ ownership }} as varchar) as ownership,
        cast({{ area }} as varchar) as urban_rural_name,
        cast({{ subject }} as varchar) as subject_code,
        case when {{ on }} >= p.starts_on then '是' else '否' end as is_new,
        {% if until is none %}'Y'{% else %}case when coalesce({{ until }}, p.ends_on) >= p.ends_on then 'Y' else 'N' end{% endif %}
            as is_valid,
        cast(extract(month from {{ on }}) as varchar) as month_no,
        cast(extract(quarter from {{ on }}) as varchar) as quarter_no,
        src.submission_id,
        src.sheet_name,
        src.row_number
    from {{ relation }} as src
    inner join {{ ref('int_region_period') }} as p
        on
            src.region_code = p.region_code
            and p.period_type in ('{{ period_types | join("', '") }}')
            and {{ on }} <= p.ends_on
            and (
                {{ on }} >= p.starts_on
                {% if until is not none %}or coalesce({{ until }}, p.ends_on) >= p.ends_on{% endif %}
            )
    where {{ where }}
    {% if not loop.last %}union all{% endif %}
{% endfor %}
{%- endmacro %}

{# The grain and filter dimensions of dated rows. A row of a school that names no stage stands under each of the
   school's stages: such rows are counted by their item, so that none counts twice. #}
{% macro located_events(facts) -%}
select
    f.region_code,
    case when f.school_code is null then 'county' else 'school' end as entity_type,
    f.school_code,
    coalesce(f.school_code, f.region_code) as entity_id,
    f.period_type,
    f.period_id,
    coalesce(f.stage, s.stage, '_any') as stage,
    case when d.is_urban then 'urban' when d.is_urban is null then '_none' else 'rural' end as urban_rural,
    '_all' as grade,
    '_all' as subject,
    '_all' as exam_id,
    f.item_code as group_code,
    f.submission_id,
    f.measure_code,
    f.kind_code,
    f.kind2_code,
    f.level_code,
    f.entity_kind,
    f.category_code,
    f.leader_code,
    f.ownership,
    f.urban_rural_name,
    f.subject_code,
    f.is_new,
    f.is_valid,
    f.month_no,
    f.quarter_no,
    f.measure_value as value,
    f.field_name,
    f.sheet_name,
    f.row_number
from {{ facts }} as f
left join {{ ref('int_school_attribute') }} as d
    on f.school_code = d.school_code and cast(f.start_year as varchar) = d.start_year
left join {{ ref('int_school_stage') }} as s
    on
        f.stage is null
        and f.school_code = s.school_code
        and cast(f.start_year as varchar) = s.start_year
{%- endmacro %}
