{{ config(materialized='table') }}

-- What cohorts began with and what became of them, added up by the school that stands for them when they graduate. A
-- cohort's grade in a school year says when it entered.
with entered as (
    select
        spans.cohort_code,
        sections.region_code,
        sections.school_code,
        {{ school_year_start('sections.school_year') }} as at_year,
        {{ school_year_start('sections.school_year') }} as entry_year,
        spans.span_years,
        'entrant' as what,
        sections.entrant_count as head_count
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
        1 as head_count
    from {{ ref('fct_student_status_event_person') }} as events
    inner join {{ ref('grade') }} as grades on events.grade = grades.grade and events.stage = grades.stage
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
        sections.graduate_count as head_count
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
    {% for what in ['entrant', 'transfer_in', 'transfer_out', 'death', 'dropout', 'graduate'] -%}
        cast(
            sum(case when counted.what = '{{ what }}' then counted.head_count * coalesce(later.share, 1) end)
            as decimal(18, 4)
        ) as {{ what }}_count,
    {% endfor -%}
    {{ count_if("counted.what = 'entrant' and counted.head_count is null") }} as missing_entrant_reports,
    {{ count_if("counted.what = 'graduate' and counted.head_count is null") }} as missing_graduate_reports
from counted
left join {{ ref('int_school__succeeded') }} as later
    on
        counted.school_code = later.school_code
        and counted.at_year = later.from_year
        and counted.entry_year + counted.span_years = later.to_year
group by
    counted.cohort_code, counted.region_code, coalesce(later.holder_code, counted.school_code), counted.entry_year
