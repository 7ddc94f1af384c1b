{{ config(meta={'zone': 'restricted'}) }}
{# Years on end in which a school's assessment stood among the last positions of its peers; equals share a place. #}
with scored as (
    select
        f.indicator_code, d.region_code, d.period_type, d.period_id, d.school_code, d.item_code as peer_group,
        cast(p.start_year as integer) as start_year, l.value as positions, max(d.term_value) as score
    from {{ ref('indicator_form') }} as f
    inner join {{ ref('dim_indicator') }} as i on f.indicator_code = i.indicator_code
    inner join {{ ref('int_measure_detail') }} as d on i.numerator_term = d.term_code and i.clock = d.period_type
    inner join {{ ref('period_calendar') }} as p on d.period_type = p.period_type and d.period_id = p.period_id
    inner join {{ ref('int_parameter__by_school_year') }} as l
        on f.threshold = l.parameter_code and substr(l.school_year, 1, 4) = cast(p.start_year as varchar)
    where f.form = 'school_bottom_streak'
    group by
        f.indicator_code, d.region_code, d.period_type, d.period_id, d.school_code, d.item_code, p.start_year, l.value
),

placed as (
    select
        *,
        case
            when
                rank() over (partition by indicator_code, region_code, period_id, peer_group order by score)
                <= positions
                then 0
            else 1
        end as is_break,
        lag(start_year) over (partition by indicator_code, region_code, school_code order by start_year) as year_before
    from scored
),

-- A year in which nobody assessed the school ends a streak as one among the better does.
ended as (
    select
        *,
        {{ streak_end('is_break', 'start_year', 'year_before') }} as end_year
    from placed
)

select
    indicator_code,
    region_code,
    period_type,
    period_id,
    school_code,
    start_year - max(end_year) over (
        partition by indicator_code, region_code, school_code order by start_year
        rows between unbounded preceding and current row
    ) as streak
from ended
