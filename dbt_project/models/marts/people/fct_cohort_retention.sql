-- A cohort is known when its region reported the stage it entered that year, and each year in which pupils could come
-- or go.
with reported as (
    select
        region_code,
        stage,
        {{ school_year_start('school_year') }} as start_year
    from {{ ref('stg_school_report__section') }}
    group by region_code, stage, school_year
),

told as (
    select
        region_code,
        {{ school_year_start('period') }} as start_year
    from {{ ref('stg_ledger__submission') }}
    where source = 'status_events' and rows_accepted > 0
    group by region_code, period
),

members as (
    select
        summed.*,
        'section' as entity_type,
        summed.school_code as entity_code
    from {{ ref('int_cohort__summed') }} as summed
    inner join {{ ref('cohort_span') }} as spans on summed.cohort_code = spans.cohort_code
    where spans.is_by_section
    union all
    select
        summed.*,
        'county' as entity_type,
        summed.region_code as entity_code
    from {{ ref('int_cohort__summed') }} as summed
),

grouped as (
    select
        region_code,
        cohort_code,
        entity_type,
        entity_code,
        entry_year,
        case when sum(missing_entrant_reports) = 0 then coalesce(sum(entrant_count), 0) end as entrant_count,
        coalesce(sum(transfer_in_count), 0) as transfer_in_count,
        coalesce(sum(transfer_out_count), 0) as transfer_out_count,
        coalesce(sum(death_count), 0) as death_count,
        coalesce(sum(dropout_count), 0) as dropout_count,
        case when sum(missing_graduate_reports) = 0 then coalesce(sum(graduate_count), 0) end as graduate_count
    from members
    group by region_code, cohort_code, entity_type, entity_code, entry_year
),

followed as (
    select
        reported.region_code,
        spans.cohort_code,
        reported.start_year as entry_year,
        spans.span_years,
        spans.exit_stage,
        max(case when ends.start_year is not null then 1 else 0 end) = 1 as is_finished,
        cast(count(distinct told.start_year) as integer) as told_years
    from reported
    inner join {{ ref('cohort_span') }} as spans on reported.stage = spans.entry_stage
    left join told
        on
            reported.region_code = told.region_code
            and reported.start_year <= told.start_year
            and told.start_year < reported.start_year + spans.span_years
    left join reported as ends
        on
            reported.region_code = ends.region_code
            and spans.exit_stage = ends.stage
            and reported.start_year + spans.span_years = ends.start_year
    group by reported.region_code, spans.cohort_code, reported.start_year, spans.span_years, spans.exit_stage
)

select
    grouped.region_code,
    grouped.cohort_code,
    grouped.entity_type,
    case when grouped.entity_type = 'section' then grouped.entity_code end as school_code,
    grouped.entity_code,
    followed.exit_stage as stage,
    cast(followed.entry_year as varchar) || '-' || cast(followed.entry_year + 1 as varchar) as entry_school_year,
    cast(followed.entry_year + followed.span_years as varchar)
    || '-' || cast(followed.entry_year + followed.span_years + 1 as varchar) as report_school_year,
    cast(grouped.entrant_count as decimal(18, 4)) as entrant_count,
    cast(grouped.transfer_in_count as decimal(18, 4)) as transfer_in_count,
    cast(grouped.transfer_out_count as decimal(18, 4)) as transfer_out_count,
    cast(grouped.death_count as decimal(18, 4)) as death_count,
    cast(grouped.dropout_count as decimal(18, 4)) as dropout_count,
    cast(case when followed.is_finished then grouped.graduate_count end as decimal(18, 4)) as graduate_count,
    followed.told_years,
    cast(
        case
            when followed.told_years = followed.span_years
                then
                    grouped.entrant_count + grouped.transfer_in_count
                    - grouped.transfer_out_count - grouped.death_count
        end as decimal(18, 4)
    ) as base_count
from grouped
inner join followed
    on
        grouped.region_code = followed.region_code
        and grouped.cohort_code = followed.cohort_code
        and grouped.entry_year = followed.entry_year
