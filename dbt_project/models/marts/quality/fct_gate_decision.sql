-- Gates of regions and years that the build knows nothing of are left out: one can be asked for any code.
with gates as (
    select runs.*
    from {{ ref('stg_ledger__gate_run') }} as runs
    inner join {{ ref('dim_region') }} as regions on runs.region_code = regions.region_code
    inner join {{ ref('dim_school_year') }} as years on runs.school_year = years.school_year
),

counted as (
    select
        gate_id,
        sum(case when severity = 'critical' and explanation_id = '' then 1 else 0 end) as blocking_count,
        sum(case when severity = 'critical' and explanation_id <> '' then 1 else 0 end) as overridden_count,
        sum(case when severity = 'warning' and explanation_id = '' then 1 else 0 end) as unexplained_count,
        sum(case when severity = 'warning' and explanation_id <> '' then 1 else 0 end) as explained_count,
        sum(case when severity = 'info' then 1 else 0 end) as noted_count
    from {{ ref('stg_ledger__finding') }}
    group by gate_id
),

checked as (
    select
        gate_id,
        count(*) as check_count
    from {{ ref('stg_ledger__gate_check') }}
    group by gate_id
),

-- A register signs the year, a decision on a gate run that run; of several of a role the last one counts.
said as (
    select
        gates.gate_id,
        approvals.role,
        approvals.decision,
        approvals.decided_on,
        approvals.mode,
        row_number() over (
            partition by gates.gate_id, approvals.role
            order by
                approvals.decided_on desc nulls last,
                approvals.registered_at desc nulls last,
                approvals.decision desc nulls last,
                approvals.approval_id asc
        ) as choice
    from gates
    inner join {{ ref('stg_ledger__approval') }} as approvals
        on
            gates.region_code = approvals.region_code
            and gates.school_year = approvals.school_year
            and approvals.gate_id in ('', gates.gate_id)
),

signed as (
    select
        gate_id,
        max(case when role = 'statistics_officer' then decision end) as officer_decision,
        max(case when role = 'statistics_officer' then decided_on end) as officer_decided_on,
        max(case when role = 'bureau_leader' then decision end) as leader_decision,
        max(case when role = 'bureau_leader' then decided_on end) as leader_decided_on,
        min(case when mode = 'file' then 1 else 0 end) = 1 as is_unattended
    from said
    where choice = 1
    group by gate_id
),

published as (
    select
        gate_id,
        version,
        row_number() over (
            partition by gate_id
            order by published_at desc nulls last, version desc nulls last
        ) as choice
    from {{ ref('stg_ledger__edition') }}
)

select
    gates.region_code,
    gates.school_year,
    gates.gate_id,
    gates.build_id,
    gates.verdict,
    gates.verdict in ('passed', 'passed_with_explanations', 'passed_with_overrides') as is_passed,
    gates.is_decision,
    coalesce(counted.overridden_count, 0) > 0 as is_overridden,
    cast(coalesce(checked.check_count, 0) as integer) as check_count,
    cast(coalesce(counted.blocking_count, 0) as integer) as blocking_count,
    cast(coalesce(counted.overridden_count, 0) as integer) as overridden_count,
    cast(coalesce(counted.unexplained_count, 0) as integer) as unexplained_count,
    cast(coalesce(counted.explained_count, 0) as integer) as explained_count,
    cast(coalesce(counted.noted_count, 0) as integer) as noted_count,
    signed.officer_decision,
    cast(signed.officer_decided_on as date) as officer_decided_on,
    signed.leader_decision,
    cast(signed.leader_decided_on as date) as leader_decided_on,
    signed.is_unattended,
    published.version as edition_version,
    gates.ran_at
from gates
left join counted on gates.gate_id = counted.gate_id
left join checked on gates.gate_id = checked.gate_id
left join signed on gates.gate_id = signed.gate_id
left join published on gates.gate_id = published.gate_id and published.choice = 1
