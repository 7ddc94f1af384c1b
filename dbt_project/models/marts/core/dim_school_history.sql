{{ config(materialized='view') }}

-- The dated history of a school, from its reports by window functions: a version lasts while nothing changes. Facts
-- never carry its keys, so that a report that comes late moves no key of theirs.
with stated as (
    select
        schools.*,
        {{ school_year_start('schools.school_year') }} as start_year,
        {{ surrogate_key([
            'schools.region_code', 'schools.school_name', 'schools.school_type_code', 'schools.urban_rural_code',
            'schools.ownership',
        ]) }} as state
    from {{ ref('dim_school') }} as schools
),

compared as (
    select
        stated.*,
        case when state = lag(state) over (partition by school_code order by school_year) then 0 else 1 end as is_new
    from stated
),

numbered as (
    select
        compared.*,
        sum(is_new) over (
            partition by school_code order by school_year
            rows between unbounded preceding and current row
        ) as version_no
    from compared
),

versions as (
    select
        school_code,
        version_no,
        min(school_year) as first_school_year,
        max(school_year) as last_school_year,
        min(start_year) as first_year,
        count(*) as reported_years
    from numbered
    group by school_code, version_no
),

newest as (
    select
        region_code,
        max(school_year) as school_year
    from {{ ref('dim_school') }}
    group by region_code
),

changes as (
    select
        predecessor_code as school_code,
        school_year,
        event_type,
        row_number() over (
            partition by predecessor_code
            order by effective_on desc nulls last, event_no asc
        ) as choice
    from {{ ref('bridge_school_succession') }}
    where predecessor_code is not null and predecessor_code is distinct from successor_code
),

followed as (
    select
        versions.*,
        lead(versions.first_year) over (partition by versions.school_code order by versions.version_no) as next_year
    from versions
)

select
    {{ surrogate_key(['followed.school_code', 'followed.first_school_year']) }} as school_history_key,
    followed.school_code,
    cast(followed.version_no as integer) as version_no,
    followed.first_school_year,
    followed.last_school_year,
    {{ make_date('followed.first_year', 9, 1) }} as valid_from,
    case when followed.next_year is not null then {{ make_date('followed.next_year', 8, 31) }} end as valid_to,
    followed.next_year is null as is_latest,
    case
        when followed.next_year is not null then 'replaced'
        when followed.last_school_year = newest.school_year then 'standing'
        when changes.school_year > followed.last_school_year then changes.event_type
        else 'silent'
    end as status,
    cast(followed.reported_years as integer) as reported_year_count,
    firsts.region_code,
    firsts.school_name,
    firsts.school_type_code,
    firsts.school_type,
    firsts.urban_rural_code,
    firsts.ownership
from followed
inner join numbered as firsts
    on followed.school_code = firsts.school_code and followed.first_school_year = firsts.school_year
left join newest on firsts.region_code = newest.region_code
left join changes on followed.school_code = changes.school_code and changes.choice = 1
