-- Files of one kind that were taken in together: when they came, and how much of them counts.
select
    batch_id,
    min(received_at) as received_at,
    cast(count(*) as integer) as submission_count,
    cast(count(distinct file_sha256) as integer) as file_count,
    min(source) as source,
    cast(count(distinct case when region_code <> '' then region_code end) as integer) as region_count,
    cast(sum(case when status in ('accepted', 'partial') then 1 else 0 end) as integer) as counted_submission_count,
    cast(sum(case when status = 'rejected' then 1 else 0 end) as integer) as rejected_submission_count,
    cast(sum(rows_accepted) as bigint) as rows_accepted,
    cast(sum(rows_rejected) as bigint) as rows_rejected
from {{ ref('stg_ledger__submission') }}
where batch_id <> ''
group by batch_id
