-- Entrants of a cohort, and the pupils who came, left or died on its way, one row each: of a school that was changed
-- since, the share that its successor answers for.
with listed as (
    select
        counted.cohort_code as cohort,
        counted.region_code,
        counted.school_code,
        cohorts.report_school_year as school_year,
        cast(
            case counted.what when 'entrant' then counted.head_count when 'transfer_in' then 1 else -1 end
            * counted.share as decimal(18, 4)
        ) as figure,
        counted.submission_id,
        counted.sheet_name,
        counted.row_number
    from {{ ref('int_cohort__counted') }} as counted
    inner join {{ ref('fct_cohort_retention') }} as cohorts
        on
            counted.cohort_code = cohorts.cohort_code
            and counted.region_code = cohorts.region_code
            and counted.entry_year = {{ school_year_start('cohorts.entry_school_year') }}
            and counted.span_years = cohorts.told_years
            and (
                (counted.cohort_code = 'junior' and counted.school_code = cohorts.school_code)
                or (counted.cohort_code = 'nine_year' and cohorts.entity_type = 'county')
            )
    where counted.what in ('entrant', 'transfer_in', 'transfer_out', 'death')
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
