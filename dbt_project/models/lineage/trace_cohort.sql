-- Entrants of a cohort, and the pupils who came, left or died on its way, one row each.
with cohorts as (
    select
        bases.cohort,
        bases.region_code,
        bases.school_code,
        bases.school_year,
        spans.entry_stage,
        cast(spans.entry_grade as integer) as first_grade,
        cast(spans.span_years as integer) as years,
        {{ school_year_start('bases.school_year') }} - cast(spans.span_years as integer) as entry_year
    from {{ ref('int_cohort_base') }} as bases
    inner join {{ ref('cohort_span') }} as spans on bases.cohort = spans.cohort_code
),

listed as (
    select
        cohorts.*,
        cast(reports.entrant_count as integer) as figure,
        reports.submission_id,
        reports.sheet_name,
        reports.row_number
    from cohorts
    inner join {{ ref('stg_school_report__section') }} as reports
        on
            cohorts.region_code = reports.region_code
            and cohorts.school_code = reports.school_code
            and cohorts.entry_stage = reports.stage
            and cohorts.entry_year = {{ school_year_start('reports.school_year') }}
    union all
    select
        cohorts.*,
        case events.event_type when '转入' then 1 else -1 end as figure,
        events.submission_id,
        events.sheet_name,
        events.row_number
    from cohorts
    inner join {{ ref('stg_status_events__event') }} as events
        on
            cohorts.region_code = events.region_code
            and cohorts.school_code = events.school_code
            and events.event_type in ('转入', '转出', '死亡')
            and events.grade between cohorts.first_grade and cohorts.first_grade + cohorts.years - 1
            and cohorts.entry_year
            = {{ school_year_start('events.school_year') }} - (events.grade - cohorts.first_grade)
)

select
    listed.cohort,
    listed.region_code,
    'school_year' as period_type,
    listed.school_year as period_id,
    listed.school_code,
    case listed.cohort when 'junior' then listed.school_code || '/junior' else listed.region_code end as entity_id,
    'junior' as stage,
    case
        when listed.cohort <> 'junior' or attributes.is_urban is null then '_none'
        when attributes.is_urban then 'urban'
        else 'rural'
    end as urban_rural,
    '_all' as grade,
    '_all' as subject,
    '_all' as exam_id,
    listed.figure,
    listed.submission_id,
    listed.sheet_name,
    listed.row_number,
    cast(null as varchar) as column_letter
from listed
left join {{ ref('int_school_attribute') }} as attributes
    on listed.school_code = attributes.school_code and listed.school_year = attributes.school_year
