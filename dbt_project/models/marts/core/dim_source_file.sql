-- Files whose rows this build may hold, and those it could not take: what each is, of whom, and how much of it counts.
select
    submissions.submission_id,
    submissions.file_sha256,
    submissions.file_name,
    submissions.region_code,
    submissions.source,
    submissions.unit_code,
    submissions.period,
    submissions.scope,
    submissions.version,
    submissions.status,
    submissions.rows_accepted,
    submissions.rows_rejected,
    submissions.received_at,
    submissions.batch_id
from {{ ref('stg_ledger__submission') }} as submissions
