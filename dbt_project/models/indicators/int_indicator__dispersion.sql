{{ config(meta={'zone': 'restricted'}) }}
{% set gap = '(s.numerator / s.denominator - c.mean_ratio)' %}
{% set square = 's.denominator * ' ~ gap ~ ' * ' ~ gap %}
{# CV = S / X: X the county's ratio, S the pupil-weighted population deviation of the sections of one stage. #}
with sections as (
    select
        *,
        case when numerator is null or denominator is null then 1 else 0 end as is_missing
    from {{ ref('int_indicator_paired') }}
    where
        form = 'cv_weighted'
        and entity_type = 'section'
        and (denominator is null or denominator > 0)
),

county as (
    select
        indicator_code, region_code, period_type, period_id, stage,
        sum(is_missing) as missing_count,
        sum(cast(denominator as decimal(24, 6))) as weight_sum,
        cast(sum(cast(numerator as decimal(24, 6))) as double)
        / nullif(sum(cast(denominator as decimal(24, 6))), 0) as mean_ratio
    from sections
    group by indicator_code, region_code, period_type, period_id, stage
),

spread as (
    select
        c.indicator_code, c.region_code, c.period_type, c.period_id, c.stage, c.missing_count, c.mean_ratio,
        max(s.scale) as scale,
        sqrt({{ exact_sum(square, 15) }} / max(c.weight_sum)) as deviation
    from county as c
    inner join sections as s
        on
            c.indicator_code = s.indicator_code
            and c.region_code = s.region_code
            and c.period_id = s.period_id
            and c.stage = s.stage
    group by c.indicator_code, c.region_code, c.period_type, c.period_id, c.stage, c.missing_count, c.mean_ratio
)

select
    indicator_code,
    region_code,
    'county' as entity_type,
    region_code as entity_id,
    period_type,
    period_id,
    stage,
    'all' as urban_rural,
    '_all' as grade,
    '_all' as subject,
    '_all' as exam_id,
    '_all' as group_code,
    case when missing_count = 0 then deviation * scale end as numerator,
    case when missing_count = 0 then mean_ratio * scale end as denominator,
    case when missing_count = 0 then deviation / nullif(mean_ratio, 0) end as value,
    case when missing_count > 0 then 'not_reported' when mean_ratio = 0 then 'undefined' else 'ok' end as status
from spread
union all
{# The share of score variance between schools is counted once, with the exam facts. #}
select
    f.indicator_code,
    d.region_code,
    'county' as entity_type,
    d.region_code as entity_id,
    'school_year',
    d.school_year,
    d.stage,
    'all',
    d.grade,
    d.subject,
    d.exam_id,
    '_all',
    cast(null as double),
    cast(null as double),
    d.icc_value,
    case when d.status = 'ok' then 'ok' when d.status = 'missing_values' then 'not_reported' else 'undefined' end
from {{ ref('fct_between_school_dispersion') }} as d
inner join {{ ref('indicator_form') }} as f on d.kind = f.form
inner join {{ ref('int_indicator_scope') }} as s on f.indicator_code = s.indicator_code and d.stage = s.stage_scope
where d.kind = 'icc_oneway'
