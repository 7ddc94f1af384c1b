{{ config(meta={'zone': 'restricted'}) }}
{# The pupils a graduating cohort began with, and those who came, left or died on the way: three years of junior school
   by section, nine years of compulsory schooling for the county. A year of moves nobody reported leaves it unknown. #}
with spans as (
    select
        cohort_code as cohort,
        entry_stage as stage,
        cast(entry_grade as integer) as first_grade,
        cast(span_years as integer) as years
    from {{ ref('cohort_span') }}
    where cohort_code in ('junior', 'nine_year')
),

entrants as (
    select
        s.cohort, s.first_grade, s.years, r.region_code, r.school_code,
        {{ school_year_start('r.school_year') }} as entry_year,
        sum(r.entrant_count) as entrant_count, max(r.submission_id) as submission_id,
        max(r.sheet_name) as sheet_name, min(r.row_number) as row_number,
        count(*) - count(r.entrant_count) as missing
    from {{ ref('stg_school_report__section') }} as r
    inner join spans as s on r.stage = s.stage
    group by s.cohort, s.first_grade, s.years, r.region_code, r.school_code, r.school_year
),

moves as (
    select
        s.cohort, e.region_code, e.school_code,
        {{ school_year_start('e.school_year') }} - (e.grade - s.first_grade) as entry_year,
        sum(case e.event_type when '转入' then 1 when '转出' then -1 when '死亡' then -1 else 0 end) as net_count
    from {{ ref('stg_status_events__event') }} as e
    inner join spans as s on e.grade between s.first_grade and s.first_grade + s.years - 1
    group by
        s.cohort, e.region_code, e.school_code,
        {{ school_year_start('e.school_year') }} - (e.grade - s.first_grade)
),

told as (
    select distinct region_code, {{ school_year_start('period') }} as start_year
    from {{ ref('stg_ledger__submission') }}
    where source = 'status_events' and status in ('accepted', 'partial')
),

whole as (
    select e.cohort, e.region_code, e.entry_year
    from (select distinct cohort, region_code, entry_year, years from entrants) as e
    inner join told as t
        on e.region_code = t.region_code and t.start_year between e.entry_year and e.entry_year + e.years - 1
    group by e.cohort, e.region_code, e.entry_year, e.years
    having count(*) = e.years
),

joined as (
    select
        coalesce(e.cohort, m.cohort) as cohort,
        coalesce(e.region_code, m.region_code) as region_code,
        coalesce(e.school_code, m.school_code) as school_code,
        coalesce(e.entry_year, m.entry_year) as entry_year,
        case when coalesce(e.missing, 0) = 0 then coalesce(e.entrant_count, 0) end as entrant_count,
        coalesce(m.net_count, 0) as net_count,
        e.submission_id, e.sheet_name, e.row_number
    from entrants as e
    full outer join moves as m
        on
            e.cohort = m.cohort
            and e.region_code = m.region_code
            and e.school_code = m.school_code
            and e.entry_year = m.entry_year
)

select
    j.cohort,
    j.region_code,
    j.school_code,
    'junior' as stage,
    cast(j.entry_year + s.years as varchar) || '-' || cast(j.entry_year + s.years + 1 as varchar) as school_year,
    cast(j.entrant_count + j.net_count as bigint) as cohort_count,
    j.submission_id,
    j.sheet_name,
    j.row_number
from joined as j
inner join spans as s on j.cohort = s.cohort
inner join whole as w
    on j.cohort = w.cohort and j.region_code = w.region_code and j.entry_year = w.entry_year
