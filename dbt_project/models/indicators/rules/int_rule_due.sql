{{ config(meta={'zone': 'restricted'}) }}
{# Every leg of every rule at every edition of every region: the period it looks at, whether the document binds the
   region then, whether the leg is about that year, and its threshold in numbers. #}
with legs as (
    select
        l.rule_id, cast(l.leg_no as integer) as leg_no, l.name_zh, l.source, l.figure_code, l.clock,
        cast(l.year_offset as integer) as year_offset, coalesce(l.stage, '') as stage,
        coalesce(l.urban_rural, '') as urban_rural, coalesce(l.grade, '') as grade, coalesce(l.subject, '') as subject,
        coalesce(l.group_code, '') as group_code, l.presence, l.absent, coalesce(l.covered_by, '') as covered_by,
        l.is_declared, l.operator, l.threshold_kind, l.threshold,
        cast(nullif(l.from_year, '') as integer) as from_year, cast(nullif(l.to_year, '') as integer) as to_year,
        f.entity_type, coalesce(f.scope_by, '') as scope_by, f.combine, f.population, r.document_code
    from {{ ref('rule_leg') }} as l
    inner join {{ ref('rule_form') }} as f on l.rule_id = f.rule_id
    inner join {{ ref('dim_rule') }} as r on l.rule_id = r.rule_id
),

periods as (
    select
        e.region_code, e.school_year, e.as_of_date, e.statistics_date, l.*,
        p.period_type, p.period_id, cast(p.start_year as integer) as start_year
    from {{ ref('dim_edition') }} as e
    cross join legs as l
    inner join {{ ref('period_calendar') }} as p
        on
            l.clock = p.period_type
            and cast(p.start_year as integer) = l.year_offset + case l.clock
                when 'fiscal_year' then e.fiscal_year
                when 'calendar_year' then e.calendar_year
                when 'project_year' then e.project_year
                else {{ school_year_start('e.school_year') }}
            end
),

bound as (
    select distinct e.region_code, e.school_year, b.document_code
    from {{ ref('dim_edition') }} as e
    inner join {{ ref('dim_plan_binding') }} as b
        on e.region_code = b.region_code and e.as_of_date >= b.valid_from and e.statistics_date <= b.valid_to
)

select
    p.region_code,
    p.school_year,
    p.rule_id,
    p.leg_no,
    p.name_zh,
    p.source,
    p.figure_code,
    p.period_type,
    p.period_id,
    p.stage,
    p.urban_rural,
    p.grade,
    p.subject,
    p.group_code,
    p.entity_type,
    p.scope_by,
    p.combine,
    p.population,
    p.presence,
    p.absent,
    p.covered_by,
    p.is_declared,
    p.operator,
    p.threshold_kind,
    p.threshold as threshold_ref,
    case p.threshold_kind
        when 'number' then cast(case when p.threshold_kind = 'number' then p.threshold end as double)
        when 'parameter' then cast(v.value as double)
        when 'plan_parameter' then cast(d.value_num as double)
        when 'target' then cast(t.target_value as double)
    end as threshold_value,
    b.document_code is not null as is_bound,
    p.start_year >= coalesce(p.from_year, p.start_year) and p.start_year <= coalesce(p.to_year, p.start_year) as is_due
from periods as p
left join bound as b
    on p.region_code = b.region_code and p.school_year = b.school_year and p.document_code = b.document_code
left join {{ ref('int_parameter__by_school_year') }} as v
    on p.threshold_kind = 'parameter' and p.threshold = v.parameter_code and p.school_year = v.school_year
left join {{ ref('plan_parameter') }} as d on p.threshold_kind = 'plan_parameter' and p.threshold = d.parameter
left join {{ ref('dim_target') }} as t on p.threshold_kind = 'target' and p.threshold = t.target_id
