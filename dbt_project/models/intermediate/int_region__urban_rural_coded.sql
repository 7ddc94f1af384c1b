{{ config(materialized='table') }}

-- Which urban-rural code means what, for each region and school year: a region's own scheme, else the default.
with regional as (
    select
        regions.region_code,
        years.school_year,
        years.statistics_date,
        coalesce(own.scheme, general.scheme) as scheme
    from {{ ref('dim_region') }} as regions
    cross join {{ ref('dim_school_year') }} as years
    left join {{ ref('urban_rural_scheme') }} as own
        on
            regions.region_code = own.region_code
            and years.statistics_date >= own.valid_from
            and years.statistics_date <= coalesce(own.valid_to, cast('9999-12-31' as date))
    left join {{ ref('urban_rural_scheme') }} as general
        on
            general.region_code = '_default'
            and years.statistics_date >= general.valid_from
            and years.statistics_date <= coalesce(general.valid_to, cast('9999-12-31' as date))
    where regions.region_level <> 'township'
)

select
    regional.region_code,
    regional.school_year,
    regional.scheme,
    codes.urban_rural_code,
    codes.urban_rural,
    codes.is_urban
from regional
inner join {{ ref('urban_rural_code') }} as codes
    on
        regional.scheme = codes.scheme
        and regional.statistics_date >= codes.valid_from
        and regional.statistics_date <= coalesce(codes.valid_to, cast('9999-12-31' as date))
