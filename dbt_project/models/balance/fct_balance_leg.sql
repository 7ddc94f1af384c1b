-- A leg holds where each of its figures does; one that fails decides, one that is unknown leaves it open.
with judged as (
    select
        v.*,
        l.comparison,
        case
            when v.value is null or l.limit_value is null then null
            when l.comparison = 'at_least' then v.value >= cast(l.limit_value as double)
            when l.comparison = 'below' then v.value < cast(l.limit_value as double)
            else v.value <= cast(l.limit_value as double)
        end as holds
    from {{ ref('int_balance_leg_entity') }} as v
    inner join {{ ref('int_balance_leg') }} as l
        on
            v.region_code = l.region_code
            and v.school_year = l.school_year
            and v.leg_id = l.leg_id
            and v.stage = l.stage
),

folded as (
    select
        region_code,
        school_year,
        leg_id,
        stage,
        case max(comparison) when 'at_least' then min(value) else max(value) end as worst_value,
        cast(count(*) as integer) as entity_count,
        cast(count(value) as integer) as known_count,
        cast(sum(case when holds then 1 else 0 end) as integer) as met_count,
        cast(sum(case when not holds then 1 else 0 end) as integer) as not_met_count,
        min(case when value is null then value_status end) as lacking_reason
    from judged
    group by region_code, school_year, leg_id, stage
),

-- Schools of the kind that a leg speaks of.
populations as (
    select distinct f.region_code, f.school_year, case when d.is_combined then 'combined' else 'independent' end as kind
    from {{ ref('fct_school_resource_snapshot') }} as f
    inner join {{ ref('dim_school') }} as d on f.school_key = d.school_key
    inner join {{ ref('stage') }} as s on f.stage = s.stage and s.is_compulsory
    union
    select distinct region_code, school_year, stage as kind
    from {{ ref('fct_school_resource_snapshot') }}
),

-- A signed word on the indicator itself: it decides what no figure can, and a veto of zero needs it.
attested as (
    select region_code, school_year, indicator_code, is_affirmed
    from (
        select
            a.*,
            row_number() over (
                partition by a.region_code, a.school_year, a.indicator_code
                order by a.attested_on desc nulls last, a.evidence_no desc nulls last
            ) as from_last
        from {{ ref('fct_attestation') }} as a
        where a.entity_code = a.region_code and a.is_affirmed is not null
    ) as ranked
    where from_last = 1
),

weighed as (
    select
        l.*,
        f.worst_value,
        coalesce(f.entity_count, 0) as entity_count,
        coalesce(f.met_count, 0) as met_count,
        coalesce(f.not_met_count, 0) as not_met_count,
        coalesce(f.entity_count - f.met_count - f.not_met_count, 0) as undecided_count,
        case
            when l.population is not null and p.kind is null then 'not_applicable'
            when f.not_met_count > 0 then case l.leg_group when 'veto' then 'candidate_for_review' end
            when l.limit_value is null and a.is_affirmed is not null then 'attested'
            when l.limit_value is null then 'no_limit'
            when f.entity_count is null then 'not_reported'
            when f.known_count < f.entity_count and f.lacking_reason = 'not_applicable' then 'not_applicable'
            when f.known_count < f.entity_count then f.lacking_reason
            when l.needs_declaration = 'yes' and a.is_affirmed is null then 'awaiting_declaration'
            when l.needs_declaration = 'yes' and a.is_affirmed then 'attested'
        end as reason,
        a.is_affirmed
    from {{ ref('int_balance_leg') }} as l
    left join folded as f
        on
            l.region_code = f.region_code
            and l.school_year = f.school_year
            and l.leg_id = f.leg_id
            and l.stage = f.stage
    left join populations as p
        on l.region_code = p.region_code and l.school_year = p.school_year and l.population = p.kind
    left join attested as a
        on
            l.region_code = a.region_code
            and l.school_year = a.school_year
            and l.indicator_code = a.indicator_code
)

select
    region_code,
    school_year,
    leg_id,
    stage,
    sort_order,
    leg_group,
    name_zh,
    name_en,
    indicator_code,
    period_id,
    comparison,
    worst_value as value,
    cast(limit_value as double) as limit_value,
    case
        when reason = 'not_applicable' then 'met'
        when not_met_count > 0 then 'not_met'
        when reason = 'attested' and is_affirmed = (leg_group <> 'veto') then 'met'
        when reason = 'attested' then 'not_met'
        when reason is null then 'met'
        else 'undecided'
    end as status,
    reason,
    entity_count,
    met_count,
    not_met_count,
    undecided_count,
    limit_source,
    cast(binding_limit_value as double) as binding_limit_value,
    legal_basis
from weighed
