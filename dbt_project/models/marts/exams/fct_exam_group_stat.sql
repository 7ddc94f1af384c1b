{{ config(materialized='incremental', incremental_strategy='append', on_schema_change='fail') }}

-- Every level is a sum of the school level: no pupil is read twice and no rate is averaged. Exams that did not change
-- since the last build are there already (warehouse/reuse.py).
with schools as (
    select summed.*
    from {{ ref('int_exam_school__summed') }} as summed
    {{ join_changed_exam('summed') }}
),

members as (
    select
        summed.*,
        'school' as group_type,
        summed.school_code as group_code
    from schools as summed
    union all
    select
        summed.*,
        'county' as group_type,
        summed.region_code as group_code
    from schools as summed
    union all
    select
        summed.*,
        'urban_rural' as group_type,
        located.urban_rural_group as group_code
    from schools as summed
    inner join {{ ref('int_exam_school__located') }} as located
        on summed.school_code = located.school_code and summed.school_year = located.school_year
),

grouped as (
    select
        region_code,
        school_year,
        exam_id,
        grade,
        subject,
        group_type,
        group_code,
        cast(count(*) as integer) as n_schools,
        cast(sum(n_roll) as bigint) as n_roll,
        cast(sum(n_longest) as bigint) as n_listed,
        cast(sum(n_registered) as bigint) as n_registered,
        cast(sum(n_present) as bigint) as n_present,
        cast(sum(n_scored) as bigint) as n_scored,
        cast(sum(n_absent) as bigint) as n_absent,
        cast(sum(n_deferred) as bigint) as n_deferred,
        cast(sum(n_exempt) as bigint) as n_exempt,
        cast(sum(n_unlisted) as bigint) as n_unlisted,
        cast(sum(score_sum) as decimal(24, 2)) as score_sum,
        cast(sum(score_sumsq) as decimal(30, 4)) as score_sumsq,
        cast(sum(n_excellent) as bigint) as n_excellent,
        cast(sum(n_good) as bigint) as n_good,
        cast(sum(n_pass) as bigint) as n_pass,
        cast(sum(n_low) as bigint) as n_low,
        min(min_score) as min_score,
        max(max_score) as max_score
    from members
    group by region_code, school_year, exam_id, grade, subject, group_type, group_code
)

select
    grouped.region_code,
    grouped.school_year,
    grouped.exam_id,
    grouped.grade,
    grouped.subject,
    grades.stage,
    grouped.group_type,
    grouped.group_code,
    grouped.n_schools,
    grouped.n_roll,
    grouped.n_listed,
    grouped.n_registered,
    grouped.n_present,
    grouped.n_scored,
    grouped.n_absent,
    grouped.n_deferred,
    grouped.n_exempt,
    grouped.n_unlisted,
    {{ exam_denominator(
        'parameters.denominator_rule', 'grouped.n_scored', 'grouped.n_present', 'grouped.n_registered',
        'grouped.n_roll', 'grouped.n_exempt'
    ) }} as n_denominator,
    coalesce(parameters.denominator_rule, 'scored') as denominator_rule,
    grouped.score_sum,
    grouped.score_sumsq,
    grouped.n_excellent,
    grouped.n_good,
    grouped.n_pass,
    grouped.n_low,
    grouped.min_score,
    grouped.max_score
from grouped
left join {{ ref('dim_exam_subject') }} as parameters
    on
        grouped.exam_id = parameters.exam_id
        and grouped.school_year = parameters.school_year
        and grouped.grade = parameters.grade
        and grouped.subject = parameters.subject
left join {{ ref('grade') }} as grades on grouped.grade = grades.grade
