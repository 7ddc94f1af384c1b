-- Where the rows of a school stand on the map of schools of another, later year. A school that no change has touched
-- stands for itself; one that a change ended hands on its rows by the shares of the change.
with reports as (
    select
        school_code,
        school_year,
        region_code,
        {{ school_year_start('school_year') }} as start_year
    from {{ ref('dim_school') }}
),

years as (
    select distinct
        school_year,
        start_year
    from reports
),

shares as (
    select
        reports.school_code,
        reports.school_year,
        years.school_year as as_of_school_year,
        coalesce(moved.holder_code, reports.school_code) as rebased_school_code,
        coalesce(moved.share, cast(1 as decimal(18, 8))) as share,
        reports.region_code
    from reports
    inner join years on reports.start_year <= years.start_year
    left join {{ ref('int_school__succeeded') }} as moved
        on
            reports.school_code = moved.school_code
            and reports.start_year = moved.from_year
            and years.start_year = moved.to_year
),

-- A region that was given another code: its schools report under the new one.
recoded as (
    select
        old_code,
        min(region_code) as region_code
    from {{ ref('dim_region') }}
    where old_code is not null
    group by old_code
)

select
    {{ surrogate_key([
        'shares.school_code', 'shares.school_year', 'shares.as_of_school_year', 'shares.rebased_school_code',
    ]) }} as school_rebased_key,
    shares.region_code,
    shares.school_code,
    shares.school_year,
    shares.as_of_school_year,
    shares.rebased_school_code,
    coalesce(holders.region_code, recoded.region_code, shares.region_code) as rebased_region_code,
    shares.share,
    holders.school_code is not null as is_reported
from shares
left join reports as holders
    on shares.rebased_school_code = holders.school_code and shares.as_of_school_year = holders.school_year
left join recoded on shares.region_code = recoded.old_code
