{# A school as it was in a school year. #}
select
    school_code || '|' || school_year as school_id,
    school_code,
    school_name,
    school_type,
    urban_rural,
    ownership
from {{ source('served', 'dim_school') }}
