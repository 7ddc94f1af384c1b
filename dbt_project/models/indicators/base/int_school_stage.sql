{{ config(meta={'zone': 'restricted'}) }}
{# The stages of a school in each year. #}
select distinct
    school_code,
    substr(school_year, 1, 4) as start_year,
    stage
from {{ ref('stg_school_report__section') }}
