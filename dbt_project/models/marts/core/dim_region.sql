-- A list that a city sends names its counties too: one mention is kept, by a fixed order.
with ranked as (
    select
        region_code,
        region_name,
        region_level,
        parent_code,
        submission_id,
        row_number() over (
            partition by region_code
            order by submission_id, row_number
        ) as mention
    from {{ ref('stg_regions__region') }}
)

select
    region_code,
    region_name,
    region_level,
    parent_code,
    submission_id
from ranked
where mention = 1
