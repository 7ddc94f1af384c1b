{{ config(meta={'zone': 'restricted'}) }}
{# What every rule says of every entity it is asked of. A hit is a candidate that somebody looks at; of an
   accountability rule it stays one until the reviewer who is named has looked and the appeal is closed. #}
with verdicts as (
    {{ rule_verdicts(ref('int_rule_operand')) }}
),

-- What a reviewer looked at: another figure or threshold is another hash.
hashed as (
    select
        region_code, school_year, rule_id, entity_type, entity_id, scope_stage, scope_urban_rural, scope_grade,
        scope_subject, scope_group, md5({{ text_list('operand', 'operand', '|') }}) as inputs_hash
    from (
        select
            *,
            cast(leg_no as varchar) || ':' || figure_code || ':' || period_id || ':' || stage || ':' || urban_rural
            || ':' || grade || ':' || subject || ':' || group_code
            || ':' || coalesce(cast(cast(value as decimal(28, 6)) as varchar), reason, '')
            || operator || coalesce(cast(cast(threshold_value as decimal(28, 6)) as varchar), '') as operand
        from {{ ref('int_rule_operand') }}
        where coalesce(reason, '') <> 'not_asked'
    ) as told
    group by
        region_code, school_year, rule_id, entity_type, entity_id, scope_stage, scope_urban_rural, scope_grade,
        scope_subject, scope_group
),

bound as (
    select
        region_code, school_year, rule_id, max(case when is_bound then 1 else 0 end) as is_bound,
        max(case when is_bound and is_due then 1 else 0 end) as is_due
    from {{ ref('int_rule_due') }}
    group by region_code, school_year, rule_id
)

select
    p.region_code,
    p.school_year,
    p.rule_id,
    r.document_code,
    r.rule_type,
    p.entity_type,
    p.entity_id,
    p.stage,
    p.urban_rural,
    p.grade,
    p.subject,
    p.group_code,
    coalesce(v.outcome, 'undecided') as outcome,
    case
        when b.is_bound = 0 then 'not_bound'
        when b.is_due = 0 then 'not_due'
        when v.rule_id is null then 'no_value'
        when v.outcome = 'undecided' then v.reason
    end as reason_code,
    h.inputs_hash,
    cast(coalesce(v.leg_count, 0) as integer) as leg_count,
    cast(coalesce(v.hit_count, 0) as integer) as hit_leg_count,
    cast(coalesce(v.figure_count, 0) as integer) as operand_count,
    r.rule_type = 'accountability' and v.outcome = 'hit' as is_candidate,
    case when r.rule_type = 'accountability' and v.outcome = 'hit' then v.hit_figure end as candidate_reason_code,
    case when r.rule_type = 'accountability' and v.outcome = 'hit' then f.reviewer end as reviewer,
    case when r.rule_type = 'accountability' and v.outcome = 'hit' then 'open' end as appeal_status,
    f.zone
from {{ ref('int_rule_population') }} as p
inner join {{ ref('dim_rule') }} as r on p.rule_id = r.rule_id
inner join {{ ref('rule_form') }} as f on p.rule_id = f.rule_id
inner join bound as b
    on p.region_code = b.region_code and p.school_year = b.school_year and p.rule_id = b.rule_id
left join verdicts as v
    on
        p.region_code = v.region_code
        and p.school_year = v.school_year
        and p.rule_id = v.rule_id
        and p.entity_type = v.entity_type
        and p.entity_id = v.entity_id
        and p.stage = v.scope_stage
        and p.urban_rural = v.scope_urban_rural
        and p.grade = v.scope_grade
        and p.subject = v.scope_subject
        and p.group_code = v.scope_group
left join hashed as h
    on
        p.region_code = h.region_code
        and p.school_year = h.school_year
        and p.rule_id = h.rule_id
        and p.entity_type = h.entity_type
        and p.entity_id = h.entity_id
        and p.stage = h.scope_stage
        and p.urban_rural = h.scope_urban_rural
        and p.grade = h.scope_grade
        and p.subject = h.scope_subject
        and p.group_code = h.scope_group
