-- Rows that count in a cohort: reports of who entered and graduated, moves of its pupils, each with the school that
-- stands for it when the cohort graduates. A pupil's grade in a school year says when the cohort entered.
with entered as (
    select
        spans.cohort_code,
        sections.region_code,
        sections.school_code,
        {{ school_year_start('sections.school_year') }} as at_year,
        {{ school_year_start('sections.school_year') }} as entry_year,
        spans.span_years,
        'entrant' as what,
        sections.entrant_count as head_count,
        sections.submission_id,
        sections.sheet_name,
        sections.row_number
    from {{ ref('stg_school_report__section') }} as sections
    inner join {{ ref('cohort_span') }} as spans on sections.stage = spans.entry_stage
),

moved as (
    select
        spans.cohort_code,
        events.region_code,
        events.school_code,
        {{ school_year_start('events.school_year') }} as at_year,
        {{ school_year_start('events.school_year') }} - (events.grade - spans.entry_grade) as entry_year,
        spans.span_years,
        case events.event_type
            when '转入' then 'transfer_in'
            when '转出' then 'transfer_out'
            when '死亡' then 'death'
            when '辍学' then 'dropout'
        end as what,
        1 as head_count,
        events.submission_id,
        events.sheet_name,
        events.row_number
    from {{ ref('stg_status_events__event') }} as events
    inner join {{ ref('cohort_span') }} as spans
        on events.grade >= spans.entry_grade and events.grade < spans.entry_grade + spans.span_years
    where
        events.event_type in ('转入', '转出', '死亡')
        or (events.event_type = '辍学' and events.return_date is null)
),

-- A report counts those who left in the summer before it, so it is already that of the school that stands for them.
graduated as (
    select
        spans.cohort_code,
        sections.region_code,
        sections.school_code,
        {{ school_year_start('sections.school_year') }} as at_year,
        {{ school_year_start('sections.school_year') }} - spans.span_years as entry_year,
        spans.span_years,
        'graduate' as what,
        sections.graduate_count as head_count,
        sections.submission_id,
        sections.sheet_name,
        sections.row_number
    from {{ ref('stg_school_report__section') }} as sections
    inner join {{ ref('cohort_span') }} as spans on sections.stage = spans.exit_stage
),

counted as (
    select * from entered
    union all
    select * from moved
    union all
    select * from graduated
)

select
    counted.cohort_code,
    counted.region_code,
    coalesce(later.holder_code, counted.school_code) as school_code,
    counted.entry_year,
    counted.span_years,
    counted.what,
    counted.head_count,
    coalesce(later.share, 1) as share,
    counted.submission_id,
    counted.sheet_name,
    counted.row_number
from counted
left join {{ ref('int_school__succeeded') }} as later
    on
        counted.school_code = later.school_code
        and counted.at_year = later.from_year
        and counted.entry_year + counted.span_years = later.to_year
