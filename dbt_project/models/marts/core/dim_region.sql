-- A list that a city sends names its counties too: one mention is kept, by a fixed order. Townships that no list names
-- are those of the population tables.
with mentions as (
    select
        region_code,
        region_name,
        region_level,
        parent_code,
        old_code,
        valid_from,
        valid_to,
        submission_id,
        1 as rank_of_source,
        row_number as place
    from {{ ref('stg_regions__region') }}
    union all
    select
        township_code as region_code,
        township_name as region_name,
        'township' as region_level,
        region_code as parent_code,
        cast(null as varchar) as old_code,
        cast(null as date) as valid_from,
        cast(null as date) as valid_to,
        submission_id,
        -- Of several years the newest names it.
        10000 - calendar_year as rank_of_source,
        row_number as place
    from {{ ref('stg_population__age') }}
    where township_code is not null
),

ranked as (
    select
        mentions.*,
        row_number() over (
            partition by region_code
            order by rank_of_source, submission_id, place
        ) as mention
    from mentions
)

select
    region_code,
    region_name,
    region_level,
    parent_code,
    old_code,
    valid_from,
    valid_to,
    submission_id
from ranked
where mention = 1
