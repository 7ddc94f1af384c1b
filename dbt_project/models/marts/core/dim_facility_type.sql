-- Types of the list, and those that came with a list of rooms and are not on it.
with found as (
    select room_type
    from {{ ref('stg_special_rooms__room') }}
    group by room_type
)

select
    coalesce(known.facility_type, found.room_type) as facility_type,
    known.facility_type_en,
    coalesce(known.is_arts, false) as is_arts,
    coalesce(known.area_basis, 'usable') as area_basis,
    coalesce(known.sort_order, 999) as sort_order,
    known.facility_type is not null as is_listed
from {{ ref('facility_type') }} as known
full outer join found on known.facility_type = found.room_type
