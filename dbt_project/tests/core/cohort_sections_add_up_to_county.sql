-- Pupils are neither lost nor doubled where schools were merged or split: sections of a cohort add up to the county.
{% set heads = ['entrant', 'transfer_in', 'transfer_out', 'death', 'dropout', 'graduate'] %}
with totals as (
    select
        cohorts.region_code,
        cohorts.cohort_code,
        cohorts.entry_school_year,
        cohorts.entity_type
        {% for head in heads -%}
            , coalesce(sum(cohorts.{{ head }}_count), 0) as {{ head }}_count
        {% endfor %}
    from {{ ref('fct_cohort_retention') }} as cohorts
    inner join {{ ref('cohort_span') }} as spans on cohorts.cohort_code = spans.cohort_code
    where spans.is_by_section
    group by cohorts.region_code, cohorts.cohort_code, cohorts.entry_school_year, cohorts.entity_type
)

select
    county.region_code,
    county.cohort_code,
    county.entry_school_year
from totals as county
left join totals as sections
    on
        county.region_code = sections.region_code
        and county.cohort_code = sections.cohort_code
        and county.entry_school_year = sections.entry_school_year
        and sections.entity_type = 'section'
where
    county.entity_type = 'county'
    and (
        sections.region_code is null
        {% for head in heads -%}
            or abs(county.{{ head }}_count - sections.{{ head }}_count) > 0.001
        {% endfor %}
    )
