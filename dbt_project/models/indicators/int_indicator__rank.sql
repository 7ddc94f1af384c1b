{{ config(meta={'zone': 'restricted'}) }}
{# The county's place among the counties of the city's list, and a school's among its peers; equal figures share the
   better place. A county that the list leaves out takes its place by its own figure. #}
with ranks as (
    select
        f.indicator_code, f.form, i.clock, i.base_indicator, i.numerator_term, i.denominator_term, f.by_entity
    from {{ ref('indicator_form') }} as f
    inner join {{ ref('dim_indicator') }} as i on f.indicator_code = i.indicator_code
    where f.form in ('rank_county', 'rank_school')
),

asked as (
    {{ either_term('ranks', 'numerator_term', 'denominator_term') }}
),

-- Each county of the list with its sum, or its mean where there is a denominator.
listed as (
    select
        r.indicator_code, d.region_code, d.period_type, d.period_id, s.stage_scope,
        split_part(d.item_code, '/', 1) as county,
        cast(sum(case when d.term_code = r.numerator_term then d.term_value end) as double)
        / case when max(r.denominator_term) is null then 1
            else nullif(sum(case when d.term_code = r.denominator_term then d.term_value end), 0)
        end as figure
    from asked as r
    inner join {{ ref('int_measure_detail') }} as d on r.term_code = d.term_code and r.clock = d.period_type
    inner join {{ ref('int_indicator_scope') }} as x on r.indicator_code = x.indicator_code
    inner join {{ ref('int_scope_stage') }} as s on x.stage_scope = s.stage_scope and d.stage = s.stage
    where r.form = 'rank_county'
    group by
        r.indicator_code, d.region_code, d.period_type, d.period_id, s.stage_scope, split_part(d.item_code, '/', 1)
),

own as (
    select
        l.indicator_code, l.region_code, l.period_type, l.period_id, l.stage_scope,
        coalesce(max(case when l.county = l.region_code then cast(l.figure as double) end), max(b.paired_value))
            as figure
    from listed as l
    inner join ranks as r on l.indicator_code = r.indicator_code
    left join {{ ref('int_indicator_paired') }} as b
        on
            r.base_indicator = b.indicator_code
            and l.region_code = b.region_code
            and b.entity_type = 'county'
            and l.period_id = b.period_id
            and l.stage_scope = b.stage
            and b.urban_rural = 'all'
            and b.grade = '_all'
            and b.exam_id = '_all'
            and b.subject = '_all'
    group by l.indicator_code, l.region_code, l.period_type, l.period_id, l.stage_scope
),

schools as (
    select
        r.indicator_code, d.region_code, d.period_type, d.period_id, d.school_code, d.item_code as peer_group,
        max(d.term_value) as figure
    from ranks as r
    inner join {{ ref('int_measure_detail') }} as d on r.numerator_term = d.term_code and r.clock = d.period_type
    where r.form = 'rank_school'
    group by r.indicator_code, d.region_code, d.period_type, d.period_id, d.school_code, d.item_code
)

select
    o.indicator_code,
    o.region_code,
    'county' as entity_type,
    o.region_code as entity_id,
    o.period_type,
    o.period_id,
    o.stage_scope as stage,
    'all' as urban_rural,
    '_all' as grade,
    '_all' as subject,
    '_all' as exam_id,
    '_all' as group_code,
    max(o.figure) as numerator,
    cast(count(*) as double) as denominator,
    case
        when max(o.figure) is not null
            then
                1.0
                + sum(case when l.county <> o.region_code and cast(l.figure as double) > o.figure then 1 else 0 end)
    end as value,
    case when max(o.figure) is not null then 'ok' else 'not_reported' end as status
from own as o
inner join listed as l
    on
        o.indicator_code = l.indicator_code
        and o.region_code = l.region_code
        and o.period_id = l.period_id
        and o.stage_scope = l.stage_scope
group by o.indicator_code, o.region_code, o.period_type, o.period_id, o.stage_scope
union all
select
    indicator_code, region_code, 'school', school_code, period_type, period_id, 'all', 'all', '_all', '_all', '_all',
    '_all', cast(figure as double), cast(count(*) over (
        partition by indicator_code, region_code, period_id, peer_group
    ) as double),
    cast(rank() over (
        partition by indicator_code, region_code, period_id, peer_group order by figure desc nulls last
    ) as double),
    'ok'
from schools
