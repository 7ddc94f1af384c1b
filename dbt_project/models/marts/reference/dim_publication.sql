-- Editions that had been published when the build began. A version corrects the one before it of the same year.
with numbered as (
    select
        editions.*,
        {% for part in (1, 2, 3) -%}
            cast(split_part(substr(editions.version, 2), '.', {{ part }}) as integer) as part_{{ part }}
            {%- if not loop.last %},{% endif %}
        {% endfor %}
    from {{ ref('stg_ledger__edition') }} as editions
),

-- A register signs the year, a decision on a gate run that run; of several the last one before the publication counts.
signed as (
    select
        editions.region_code,
        editions.school_year,
        editions.version,
        approvals.role,
        approvals.approver,
        approvals.decided_on,
        row_number() over (
            partition by editions.region_code, editions.school_year, editions.version, approvals.role
            order by
                approvals.decided_on desc nulls last,
                approvals.registered_at desc nulls last,
                approvals.approval_id asc
        ) as choice
    from numbered as editions
    inner join {{ ref('stg_ledger__approval') }} as approvals
        on
            editions.region_code = approvals.region_code
            and editions.school_year = approvals.school_year
            and approvals.decision = 'approve'
            and editions.published_at >= approvals.registered_at
            and coalesce(approvals.gate_id, '') in ('', editions.gate_id)
),

approved as (
    select
        region_code,
        school_year,
        version,
        max(case when role = 'statistics_officer' then approver end) as statistics_officer,
        max(case when role = 'bureau_leader' then approver end) as bureau_leader,
        max(decided_on) as approved_on
    from signed
    where choice = 1
    group by region_code, school_year, version
)

select
    {{ surrogate_key(['numbered.region_code', 'numbered.school_year', 'numbered.version']) }} as publication_key,
    numbered.region_code,
    numbered.school_year,
    numbered.version,
    lag(numbered.version) over (
        partition by numbered.region_code, numbered.school_year
        order by numbered.part_1, numbered.part_2, numbered.part_3
    ) as corrects_version,
    case when numbered.verdict = 'withdrawn' then 'withdrawn' else 'published' end as status,
    nullif(numbered.verdict, 'withdrawn') as verdict,
    approved.statistics_officer,
    approved.bureau_leader,
    cast(approved.approved_on as date) as approved_on,
    numbered.gate_id,
    numbered.build_id,
    numbered.data_sha256,
    numbered.published_at
from numbered
left join approved
    on
        numbered.region_code = approved.region_code
        and numbered.school_year = approved.school_year
        and numbered.version = approved.version
