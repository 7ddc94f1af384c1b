select
    region_code,
    region_name,
    region_level
from {{ source('served', 'dim_region') }}
where valid_to is null
