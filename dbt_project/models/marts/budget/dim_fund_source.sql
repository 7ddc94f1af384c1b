-- Sources that the list has; what a file writes otherwise is the source 'other', and what it leaves out 'unknown'.
select
    fund_source_code,
    fund_source_name,
    aliases,
    fund_source_code = 'unknown' as is_unknown
from {{ ref('fund_source') }}
