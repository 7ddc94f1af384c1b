{{ config(meta={'zone': 'restricted'}) }}
{# Another county's mean less the own, by subject: the best of the city's list, or the region compared with. #}
with gaps as (
    select
        f.indicator_code, f.function_name, i.clock, o.term_code as sum_term, n.term_code as count_term
    from {{ ref('indicator_form') }} as f
    inner join {{ ref('dim_indicator') }} as i on f.indicator_code = i.indicator_code
    inner join {{ ref('term') }} as o
        on f.subject = o.measure_code and coalesce(i.numerator_filter, '') = coalesce(o.filter_text, '')
    inner join {{ ref('term') }} as n
        on f.threshold = n.measure_code and coalesce(i.numerator_filter, '') = coalesce(n.filter_text, '')
    where f.form = 'peer_gap'
),

asked as (
    {{ either_term('gaps', 'sum_term', 'count_term') }}
),

peers as (
    select
        g.indicator_code, d.region_code, d.period_id, split_part(d.item_code, '/', 2) as subject,
        split_part(d.item_code, '/', 1) as county,
        cast(sum(case when d.term_code = g.sum_term then d.term_value end) as double)
        / nullif(sum(case when d.term_code = g.count_term then d.term_value end), 0) as mean_score
    from asked as g
    inner join {{ ref('int_measure_detail') }} as d on g.term_code = d.term_code and g.clock = d.period_type
    group by
        g.indicator_code, d.region_code, d.period_id, split_part(d.item_code, '/', 2), split_part(d.item_code, '/', 1)
),

compared as (
    select
        p.indicator_code, p.region_code, p.period_id, p.subject,
        case max(g.function_name)
            when 'max' then cast(max(p.mean_score) as double)
            else
                {{ exact_sum('case when p.county <> p.region_code then p.mean_score end') }}
                / nullif(count(case when p.county <> p.region_code then p.mean_score end), 0)
        end as peer_mean
    from peers as p
    inner join gaps as g on p.indicator_code = g.indicator_code
    group by p.indicator_code, p.region_code, p.period_id, p.subject
),

-- The own mean over the exams of the year in the subject: sums over sums.
own as (
    select
        indicator_code, region_code, period_type, period_id, stage, subject,
        sum(numerator) / nullif(sum(denominator), 0) as own_mean
    from {{ ref('int_indicator_paired') }}
    where form = 'peer_gap' and entity_type = 'county' and urban_rural = 'all' and exam_id <> '_all'
    group by indicator_code, region_code, period_type, period_id, stage, subject
)

select
    o.indicator_code,
    o.region_code,
    'county' as entity_type,
    o.region_code as entity_id,
    o.period_type,
    o.period_id,
    o.stage,
    'all' as urban_rural,
    '_all' as grade,
    o.subject,
    '_all' as exam_id,
    '_all' as group_code,
    c.peer_mean as numerator,
    o.own_mean as denominator,
    c.peer_mean - o.own_mean as value,
    case when c.peer_mean - o.own_mean is not null then 'ok' else 'not_reported' end as status
from own as o
inner join compared as c
    on
        o.indicator_code = c.indicator_code
        and o.region_code = c.region_code
        and o.period_id = c.period_id
        and o.subject = c.subject
