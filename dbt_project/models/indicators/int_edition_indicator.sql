{{ config(meta={'zone': 'restricted'}) }}
{# The period of its own clock at which an edition takes each indicator. #}
select
    e.region_code,
    e.school_year,
    e.statistics_date,
    i.indicator_code,
    p.period_type,
    p.period_id,
    cast(p.start_year as integer) as start_year
from {{ ref('dim_edition') }} as e
cross join {{ ref('dim_indicator') }} as i
inner join {{ ref('period_calendar') }} as p
    on
        i.clock = p.period_type
        and cast(p.start_year as integer) = case i.clock
            when 'fiscal_year' then e.fiscal_year
            when 'calendar_year' then e.calendar_year
            when 'project_year' then e.project_year
            else {{ school_year_start('e.school_year') }}
        end
