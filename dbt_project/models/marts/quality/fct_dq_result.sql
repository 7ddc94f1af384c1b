-- What checks found, and one row for each check that found nothing.
with finders as (
    select distinct
        gate_id,
        check_id
    from {{ ref('stg_ledger__finding') }}
),

results as (
    select
        found.gate_id,
        found.check_id,
        found.entity_type,
        found.entity_id,
        found.severity,
        case
            when found.entity_type = 'check' then 'not_run'
            when found.severity = 'info' then 'noted'
            when found.explanation_id = '' then 'open'
            when found.severity = 'critical' then 'overridden'
            else 'explained'
        end as outcome,
        found.observed,
        found.expected,
        found.explanation_id
    from {{ ref('stg_ledger__finding') }} as found
    union all
    select
        checked.gate_id,
        checked.check_id,
        '_all' as entity_type,
        '_all' as entity_id,
        checked.severity,
        'held' as outcome,
        cast(null as varchar) as observed,
        cast(null as varchar) as expected,
        '' as explanation_id
    from {{ ref('stg_ledger__gate_check') }} as checked
    left join finders on checked.gate_id = finders.gate_id and checked.check_id = finders.check_id
    where finders.gate_id is null
),

schools as (
    select distinct school_code from {{ ref('dim_school') }}
)

select
    gates.region_code,
    gates.school_year,
    gates.gate_id,
    gates.build_id,
    results.check_id,
    checked.stage,
    results.entity_type,
    results.entity_id,
    schools.school_code,
    results.severity,
    results.outcome,
    results.observed,
    results.expected,
    explained.reason_code,
    checked.looked_at_count,
    checked.failed_count,
    gates.ran_at
from results
inner join {{ ref('fct_gate_decision') }} as gates on results.gate_id = gates.gate_id
left join {{ ref('stg_ledger__gate_check') }} as checked
    on results.gate_id = checked.gate_id and results.check_id = checked.check_id
left join {{ ref('stg_ledger__explanation') }} as explained on results.explanation_id = explained.explanation_id
-- An entity of a school begins with its code.
left join schools on substr(results.entity_id, 1, 10) = schools.school_code
