select date_day, school_year
from {{ source('served', 'dim_date') }}
