{# A table, since the restricted zone takes it along for the views on raw scores. #}
{{ config(materialized='table') }}
select src.submission_id
from {{ ledger('pin') }} as src
