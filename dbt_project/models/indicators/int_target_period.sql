{{ config(meta={'zone': 'restricted'}) }}
{# The period of its indicator's own clock at which an edition takes a target. Results that come when a school year
   closes (examinations, national monitoring, who stayed to the end) belong, under a target of a calendar, fiscal or
   project year, to the school year that ends in it: the examination of June 2025 answers a target of 2025. #}
select
    t.region_code,
    t.school_year,
    t.target_id,
    t.indicator_code,
    i.kind,
    case when ';' || i.aggregates_to || ';' like '%;county;%' then 'county' else 'section' end as level_wanted,
    coalesce('window_' || w.window_text, '_all') as cycle_code,
    p.period_type,
    p.period_id,
    cast(p.start_year as integer) as start_year,
    cast(b.start_year as integer) as first_year
from {{ ref('int_target_timed') }} as t
inner join {{ ref('dim_indicator') }} as i on t.indicator_code = i.indicator_code
inner join {{ ref('int_edition_indicator') }} as e
    on t.region_code = e.region_code and t.school_year = e.school_year and t.indicator_code = e.indicator_code
left join {{ ref('closing_indicator') }} as c on t.indicator_code = c.indicator_code
inner join {{ ref('period_calendar') }} as p
    on
        e.period_type = p.period_type
        and cast(p.start_year as integer) = e.start_year - case
            when c.indicator_code is null or i.clock <> 'school_year' or t.clock in ('school_year', 'none') then 0
            else 1
        end
left join {{ ref('document_window') }} as w
    on t.document_code = w.document_code and t.indicator_code = w.indicator_code
left join {{ ref('period_calendar') }} as b
    on
        i.clock = b.period_type
        and t.period_start between cast(b.starts_on as date) and cast(b.ends_on as date)
