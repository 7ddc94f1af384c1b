{{ config(materialized='table') }}

-- Where the pupils of a school that was changed stand later: school and year -> school of a later year, with the share
-- that went there. Schools that no change ended are not listed: they are their own successor.
with recursive pairs as (
    select
        predecessor_code,
        successor_code,
        {{ school_year_start('school_year') }} as start_year,
        effective_on,
        cast(share as decimal(18, 8)) as share
    from {{ ref('bridge_school_succession') }}
    where predecessor_code is not null and successor_code is not null and school_year is not null
),

-- A school that is made and changed again within one year hands on at once.
transitions as (
    select
        pairs.predecessor_code,
        pairs.start_year,
        coalesce(again.successor_code, pairs.successor_code) as successor_code,
        cast(sum(pairs.share * coalesce(again.share, 1)) as decimal(18, 8)) as share
    from pairs
    left join pairs as again
        on
            pairs.successor_code = again.predecessor_code
            and pairs.start_year = again.start_year
            and pairs.effective_on < again.effective_on
    group by pairs.predecessor_code, pairs.start_year, coalesce(again.successor_code, pairs.successor_code)
),

-- As far as the longest cohort, and as far as the reports lie apart.
horizon as (
    select max(span_years) as span_years
    from (
        select span_years
        from {{ ref('cohort_span') }}
        union all
        select max({{ school_year_start('school_year') }}) - min({{ school_year_start('school_year') }}) as span_years
        from {{ ref('stg_school_report__section') }}
    ) as spans
),

walk as (
    select
        ended.predecessor_code as school_code,
        years.start_year as from_year,
        years.start_year as to_year,
        ended.predecessor_code as holder_code,
        cast(1 as decimal(18, 8)) as share,
        horizon.span_years
    from (select distinct predecessor_code from transitions) as ended
    cross join {{ ref('dim_school_year') }} as years
    cross join horizon
    union all
    select
        walk.school_code,
        walk.from_year,
        walk.to_year + 1 as to_year,
        coalesce(transitions.successor_code, walk.holder_code) as holder_code,
        cast(walk.share * coalesce(transitions.share, 1) as decimal(18, 8)) as share,
        walk.span_years
    from walk
    left join transitions
        on walk.holder_code = transitions.predecessor_code and walk.to_year + 1 = transitions.start_year
    where walk.to_year - walk.from_year < walk.span_years
)

select
    school_code,
    from_year,
    to_year,
    holder_code,
    cast(sum(share) as decimal(18, 8)) as share
from walk
group by school_code, from_year, to_year, holder_code
