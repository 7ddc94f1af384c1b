{{ config(meta={'zone': 'restricted'}) }}
{# Periods of which a term is known, row or no row: the file of the year came, or the files of every school year that
   the period touches, or the register that is sent whole. A term without a source in the ledger is known where its
   fact has rows. #}
with sent as (
    select distinct region_code, source, period, substr(period, 1, 4) as start_year
    from {{ ref('stg_ledger__submission') }}
    where status in ('accepted', 'partial')
),

calendar as (
    select
        region_code, period_type, period_id, start_year, starts_on, ends_on,
        case when period_type = 'school_year' then 1 else 2 end as school_years
    from {{ ref('int_region_period') }}
),

terms as (
    select term_code, source_fact, ledger_source, coverage, period_types
    from {{ ref('term') }}
    where source_fact is not null
),

by_year as (
    select distinct s.source, 'period' as coverage, c.region_code, c.period_type, c.period_id
    from sent as s
    inner join calendar as c on s.region_code = c.region_code and s.start_year = cast(c.start_year as varchar)
    where s.period <> ''
),

-- A calendar year is touched by the school year before it and the one that begins in it.
by_date as (
    select s.source, 'dated' as coverage, c.region_code, c.period_type, c.period_id
    from sent as s
    inner join {{ ref('period_calendar') }} as y on s.period = y.period_id and y.period_type = 'school_year'
    inner join calendar as c
        on
            s.region_code = c.region_code
            and cast(y.starts_on as date) <= c.ends_on
            and cast(y.ends_on as date) >= c.starts_on
    group by s.source, c.region_code, c.period_type, c.period_id, c.school_years
    having count(distinct s.period) = c.school_years
),

whole as (
    select distinct s.source, 'whole' as coverage, c.region_code, c.period_type, c.period_id
    from sent as s
    inner join calendar as c on s.region_code = c.region_code
),

by_source as (
    select * from by_year
    union all
    select * from by_date
    union all
    select * from whole
),

by_fact as (
    select distinct source_fact, region_code, period_type, period_id
    from {{ ref('int_measure_rolled') }}
    where entity_type = 'county'
)

select t.term_code, s.region_code, s.period_type, s.period_id
from terms as t
inner join by_source as s
    on
        t.ledger_source = s.source
        and t.coverage = s.coverage
        and ';' || t.period_types || ';' like '%;' || s.period_type || ';%'
union
select t.term_code, f.region_code, f.period_type, f.period_id
from terms as t
inner join by_fact as f on t.source_fact = f.source_fact
where t.ledger_source is null
