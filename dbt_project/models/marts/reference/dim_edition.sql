{# Which periods the edition of a region and school year judges. Rows of region 000000 are the default. #}
with regions as (
    select distinct region_code
    from {{ ref('stg_ledger__submission') }}
    where region_code is not null and region_code <> '' and rows_accepted > 0
),

-- A school year with a whole snapshot, scores or a budget of the region has an edition. Entrants of years long past,
-- sent for the retention of a cohort, and lists of the city make none.
reported as (
    select distinct
        s.region_code,
        case when s.source like 'budget_%' then cast(s.period as varchar) else substr(s.period, 1, 4) end as start_year
    from {{ ref('stg_ledger__submission') }} as s
    where
        s.rows_accepted > 0
        and coalesce(s.period, '') <> ''
        and (s.source in ('exam_scores', 'teacher_roster') or s.source like 'budget_%')
    union
    select distinct region_code, substr(school_year, 1, 4) as start_year
    from {{ ref('stg_school_report__section') }}
    where staff_count is not null
),

calendar as (
    select
        r.region_code,
        c.school_year,
        c.statistics_date,
        c.fiscal_year,
        c.calendar_year,
        c.project_year,
        c.as_of_date
    from regions as r
    cross join {{ ref('edition_calendar') }} as c
    where
        c.region_code = r.region_code
        or (
            c.region_code = '000000'
            and not exists (
                select 1 from {{ ref('edition_calendar') }} as o
                where o.region_code = r.region_code and o.school_year = c.school_year
            )
        )
)

select
    {{ surrogate_key(['c.region_code', 'c.school_year']) }} as edition_key,
    c.region_code,
    c.school_year,
    cast(c.statistics_date as date) as statistics_date,
    cast(c.fiscal_year as integer) as fiscal_year,
    cast(c.calendar_year as integer) as calendar_year,
    cast(c.project_year as integer) as project_year,
    cast(c.as_of_date as date) as as_of_date
from calendar as c
where
    exists (
        select 1
        from reported as p
        where p.region_code = c.region_code and p.start_year = substr(c.school_year, 1, 4)
    )
