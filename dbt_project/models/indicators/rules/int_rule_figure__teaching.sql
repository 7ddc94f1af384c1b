{{ config(meta={'zone': 'restricted'}) }}
{# What leaders teach, and where junior schools stand in the city: figures of rules that serve accountability. #}
with {{ teacher_bottom_metrics() }},

bands as (
    select school_year, cast(value as integer) as positions
    from {{ ref('int_parameter__by_school_year') }}
    where parameter_code = 'rank_band_positions'
),

county as (
    select
        region_code, school_year, exam_id, grade, subject,
        cast(sum(score_sum) as double) / nullif(sum(n_scored), 0) as county_mean
    from {{ ref('fct_exam_group_stat') }}
    where group_type = 'county'
    group by region_code, school_year, exam_id, grade, subject
),

-- A class is below where it is below the other classes of its school or below the county.
gaps as (
    select
        t.region_code, t.school_year, t.teacher_key, t.stage, t.subject, t.exam_date,
        max(t.exam_date) over (partition by t.region_code, t.school_year, t.teacher_key, t.subject) as last_date,
        t.mean_score - c.county_mean as below_county,
        case when t.has_parallel then t.mean_score - t.parallel_mean end as below_parallel
    from {{ ref('int_teacher_test') }} as t
    inner join {{ ref('fct_teacher_snapshot_person') }} as s
        on
            t.region_code = s.region_code
            and t.school_year = s.school_year
            and t.teacher_key = s.teacher_key
    inner join {{ ref('duty') }} as d on s.duty = d.duty
    inner join county as c
        on
            t.region_code = c.region_code
            and t.school_year = c.school_year
            and t.exam_id = c.exam_id
            and t.grade = c.grade
            and t.subject = c.subject
),

-- The conclusion of the yearly review is attested for the school; its leaders wait for it where there is none.
leaders as (
    select distinct s.region_code, s.school_year, s.school_code, s.teacher_key
    from {{ ref('fct_teacher_snapshot_person') }} as s
    inner join {{ ref('duty') }} as d on s.duty = d.duty
),

reviews as (
    select
        region_code, school_year, entity_code as school_code,
        cast(min(case when is_affirmed then 1 else 0 end) as double) as is_passed
    from {{ ref('fct_attestation') }}
    where indicator_code = 'tch_leader_teaching_review'
    group by region_code, school_year, entity_code
),

ranked_schools as (
    select
        r.region_code, cast(r.calendar_year - 1 as varchar) || '-' || cast(r.calendar_year as varchar) as school_year,
        r.school_code, r.rank_list, r.city_rank
    from {{ ref('fct_city_ranking') }} as r
)

select
    'leader_class_gap' as figure_code, region_code, 'teacher' as entity_type, teacher_key as entity_id,
    'school_year' as period_type, school_year as period_id, stage, 'all' as urban_rural, '_all' as grade, subject,
    '_all' as group_code, cast(min(below_county) as double) as numerator,
    cast(min(below_parallel) as double) as denominator,
    cast(least(min(below_county), coalesce(min(below_parallel), min(below_county))) as double) as value,
    'ok' as status
from gaps
where exam_date = last_date
group by region_code, school_year, teacher_key, stage, subject
union all
select
    'schools_outside_band', p.region_code, 'county', p.region_code as entity_id, 'school_year', p.school_year, 'junior',
    'all', '_all', '_all', p.rank_list, cast(null as double), cast(count(*) as double),
    cast(sum(case when p.city_rank > l.positions then 1 else 0 end) as double), 'ok'
from ranked_schools as p
inner join bands as l on p.school_year = l.school_year
group by p.region_code, p.school_year, p.rank_list
union all
select
    'leader_review_passed', l.region_code, 'teacher', l.teacher_key, 'school_year', l.school_year, 'all', 'all', '_all',
    '_all', '_all', cast(null as double), cast(null as double),
    case when count(r.is_passed) = count(*) then min(r.is_passed) end,
    case when count(r.is_passed) = count(*) then 'ok' else 'awaiting_attestation' end
from leaders as l
left join reviews as r
    on l.region_code = r.region_code and l.school_year = r.school_year and l.school_code = r.school_code
group by l.region_code, l.school_year, l.teacher_key
union all
-- The four rates of the main subjects, each grade by itself.
select
    'bottom_metrics', m.region_code, 'teacher', m.teacher_key, 'school_year', m.school_year, m.stage, 'all',
    cast(m.grade as varchar), m.subject, '_all', cast(m.bottom_count as double), cast(m.group_size as double),
    cast(m.bottom_count as double), case when m.bottom_count is null then 'group_too_small' else 'ok' end
from metrics as m
inner join {{ ref('subject') }} as s on m.subject = s.subject and s.subject_group = 'core'
