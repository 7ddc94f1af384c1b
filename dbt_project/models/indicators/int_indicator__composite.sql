{{ config(meta={'zone': 'restricted'}) }}
{# Indicators made of others: a mean, a count of standards met, all met, the seven items with their floor. #}
with members as (
    select
        m.indicator_code,
        f.form,
        f.subject as counted_code,
        v.region_code, v.entity_type, v.entity_id, v.period_type, v.period_id, v.stage,
        m.member_code,
        v.value,
        t.threshold_value,
        case
            when v.value is null or t.threshold_value is null then null
            when t.judge = 'at_most' then case when v.value <= t.threshold_value then 1 else 0 end
            when v.value >= t.threshold_value then 1
            else 0
        end as is_met,
        v.value / nullif(t.threshold_value, 0) as attainment,
        count(*) over (partition by m.indicator_code) as all_rows
    from {{ ref('indicator_member') }} as m
    inner join {{ ref('indicator_form') }} as f on m.indicator_code = f.indicator_code
    inner join {{ ref('int_indicator_basic') }} as v
        on
            m.member_code = v.indicator_code
            and v.urban_rural = 'all'
            and v.exam_id = '_all'
            and v.grade = '_all'
            and (
                (f.form in ('mean', 'all_met', 'met_share') and v.entity_type = 'county')
                or (f.form in ('count_met', 'count_and_floor') and v.entity_type = 'section')
            )
    left join {{ ref('int_indicator_threshold') }} as t
        on
            v.region_code = t.region_code
            and v.period_id = t.period_id
            and m.member_code = t.indicator_code
            and v.stage = t.stage
    where v.stage in (select s.stage from {{ ref('stage_scope') }} as s)
),

sizes as (
    select
        indicator_code,
        count(*) as member_count
    from {{ ref('indicator_member') }}
    group by indicator_code
),

folded as (
    select
        m.indicator_code, m.form, m.counted_code, m.region_code, m.entity_type, m.entity_id, m.period_type,
        m.period_id, m.stage,
        count(m.value) as valued, count(m.is_met) as judged, max(s.member_count) as member_count,
        {{ exact_sum('m.value') }} / count(m.value) as mean_value,
        sum(m.is_met) as met_count, min(m.is_met) as all_met,
        min(m.attainment) as floor_value
    from members as m
    inner join sizes as s on m.indicator_code = s.indicator_code
    group by
        m.indicator_code, m.form, m.counted_code, m.region_code, m.entity_type, m.entity_id, m.period_type,
        m.period_id, m.stage
),

judged as (
    select
        f.*,
        t.threshold_value as required_count,
        p.value as floor_required
    from folded as f
    left join {{ ref('int_indicator_threshold') }} as t
        on
            f.counted_code = t.indicator_code
            and f.region_code = t.region_code
            and f.period_id = t.period_id
            and f.stage = t.stage
    left join {{ ref('int_parameter__by_school_year') }} as p
        on f.period_id = p.school_year and p.parameter_code = 'unmet_item_floor'
)

select
    indicator_code, region_code, entity_type, entity_id, period_type, period_id, stage,
    'all' as urban_rural, '_all' as grade, '_all' as subject, '_all' as exam_id, '_all' as group_code,
    case
        when form = 'met_share' then cast(met_count as double)
        when form = 'mean' or judged < member_count then null
        else cast(met_count as double)
    end as numerator,
    cast(case form when 'met_share' then judged else member_count end as double) as denominator,
    case
        when form = 'met_share' then met_count * 100.0 / nullif(judged, 0)
        when valued < member_count then null
        when form = 'mean' then mean_value
        when judged < member_count then null
        when form = 'count_met' then cast(met_count as double)
        when form = 'all_met' then cast(all_met as double)
        when required_count is null or floor_required is null then null
        when met_count >= required_count and floor_value >= floor_required then 1.0
        else 0.0
    end as value,
    case
        when form = 'met_share' and judged > 0 then 'ok'
        when form = 'met_share' and valued > 0 then 'undefined'
        when form = 'met_share' then 'not_reported'
        when valued < member_count then 'not_reported'
        when form = 'mean' then 'ok'
        when judged < member_count or (form = 'count_and_floor' and required_count is null) then 'undefined'
        else 'ok'
    end as status
from judged
union all
select
    indicator_code, region_code, entity_type, entity_id, period_type, period_id, stage, urban_rural,
    grade, subject, exam_id, group_code, numerator, denominator, value, status
from {{ ref('int_indicator__condition') }}
