{{ config(materialized='table') }}

-- What cohorts began with and what became of them, added up by the school that stands for them when they graduate.
select
    cohort_code,
    region_code,
    school_code,
    entry_year,
    {% for what in ['entrant', 'transfer_in', 'transfer_out', 'death', 'dropout', 'graduate'] -%}
        cast(sum(case when what = '{{ what }}' then head_count * share end) as decimal(18, 4)) as {{ what }}_count,
    {% endfor -%}
    {{ count_if("what = 'entrant' and head_count is null") }} as missing_entrant_reports,
    {{ count_if("what = 'graduate' and head_count is null") }} as missing_graduate_reports
from {{ ref('int_cohort__counted') }}
group by cohort_code, region_code, school_code, entry_year
