-- Names that a school had before: those it reported under the same code, and those of the schools it continues under
-- another name, type or code.
with reported as (
    select distinct
        school_code,
        {{ school_year_start('school_year') }} as start_year,
        school_name
    from {{ ref('stg_school_report__section') }}
),

named as (
    select
        school_code,
        start_year,
        school_name
    from reported
    union all
    select
        pairs.successor_code as school_code,
        years.start_year - 1 as start_year,
        pairs.predecessor_name as school_name
    from {{ ref('stg_school_succession__pair') }} as pairs
    inner join {{ ref('dim_school_year') }} as years
        on
            pairs.effective_on <= years.statistics_date
            and pairs.effective_on > {{ make_date('years.start_year - 1', 9, 1) }}
    where pairs.event_type in ('更名', '类型变更', '区划变更', '复办')
),

earlier as (
    select
        now.school_code,
        now.start_year,
        named.school_name,
        max(named.start_year) as last_year
    from reported as now
    inner join named
        on
            now.school_code = named.school_code
            and now.start_year > named.start_year
            and now.school_name <> named.school_name
    group by now.school_code, now.start_year, named.school_name
)

select
    school_code,
    start_year,
    {{ text_list('school_name', 'last_year') }} as former_names
from earlier
group by school_code, start_year
