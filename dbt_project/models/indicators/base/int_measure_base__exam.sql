{{ config(meta={'zone': 'restricted'}) }}
{# Counts and sums of each school in each exam, grade and subject, in every calendar an indicator may ask for. #}
with county as (
    select
        exam_id, school_year, grade, subject,
        cast(score_sum as double) / nullif(n_scored, 0) as mean_score,
        sqrt(greatest(
            cast(score_sumsq as double) / nullif(n_scored, 0)
            - (cast(score_sum as double) / nullif(n_scored, 0)) * (cast(score_sum as double) / nullif(n_scored, 0)), 0
        )) as deviation
    from {{ ref('fct_exam_group_stat') }}
    where group_type = 'county'
)

select
    g.region_code,
    'section' as entity_type,
    g.group_code as school_code,
    g.group_code || '/' || coalesce(a.only_stage, g.stage) as entity_id,
    p.period_type,
    p.period_id,
    coalesce(a.only_stage, g.stage) as stage,
    case when d.is_urban then 'urban' when d.is_urban is null then '_none' else 'rural' end as urban_rural,
    cast(g.grade as varchar) as grade,
    g.subject,
    g.exam_id,
    '_all' as group_code,
    cast(null as varchar) as submission_id,
    e.exam_type,
    e.purpose,
    g.score_sum,
    g.score_sumsq,
    g.n_scored,
    g.n_excellent,
    g.n_pass,
    g.n_low,
    -- Standard scores of the county's pupils in the same test, summed over the school's.
    {{ exact_decimal('(cast(g.score_sum as double) - g.n_scored * c.mean_score) / nullif(c.deviation, 0)', 28, 10) }}
        as zscore_sum,
    case s.denominator_rule
        when 'roll' then g.n_roll
        when 'registered' then g.n_registered
        when 'present' then g.n_present
        else g.n_scored
    end as n_denominator
from {{ ref('fct_exam_group_stat') }} as g
inner join {{ ref('dim_exam') }} as e on g.exam_id = e.exam_id and g.school_year = e.school_year
inner join {{ ref('dim_exam_subject') }} as s
    on g.exam_id = s.exam_id and g.school_year = s.school_year and g.grade = s.grade and g.subject = s.subject
inner join county as c
    on g.exam_id = c.exam_id and g.school_year = c.school_year and g.grade = c.grade and g.subject = c.subject
inner join {{ ref('period_calendar') }} as p
    on
        p.period_type in ('school_year', 'calendar_year')
        and e.exam_date between cast(p.starts_on as date) and cast(p.ends_on as date)
left join {{ ref('dim_school') }} as d on g.group_code = d.school_code and g.school_year = d.school_year
-- A grade above nine belongs to the vocational school that has it.
left join {{ ref('int_school_attribute') }} as a
    on
        g.group_code = a.school_code
        and g.school_year = a.school_year
        and a.only_stage in ('vocational', 'special')
where g.group_type = 'school'
