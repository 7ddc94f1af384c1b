-- Tests as the exams' parameters list them and as the approved plan has them. A test is held when somebody has a score.
with plans as (
    select distinct region_code, school_year from {{ ref('stg_exam_plans__test') }}
),

held as (
    select exam_id, school_year, grade, subject
    from {{ ref('fct_exam_group_stat') }}
    where group_type = 'county' and n_scored > 0
),

tests as (
    select
        listed.region_code,
        listed.exam_id,
        listed.grade,
        listed.subject,
        exams.exam_date,
        exams.exam_type,
        exams.purpose,
        case when held.exam_id is not null then 1 else 0 end as is_held,
        case when plans.region_code is null then 1 else 0 end as is_planned,
        listed.submission_id,
        listed.sheet_name,
        listed.row_number
    from {{ ref('stg_exam_parameters__exam_subject') }} as listed
    inner join {{ ref('dim_exam') }} as exams
        on listed.exam_id = exams.exam_id and listed.school_year = exams.school_year
    left join held
        on
            listed.exam_id = held.exam_id
            and listed.school_year = held.school_year
            and listed.grade = held.grade
            and listed.subject = held.subject
    left join plans on exams.region_code = plans.region_code and exams.school_year = plans.school_year
    union all
    select
        planned.region_code,
        null as exam_id,
        planned.grade,
        null as subject,
        {{ make_date(
            'cast(substr(planned.planned_month, 1, 4) as integer)',
            'cast(substr(planned.planned_month, 6, 2) as integer)', 15
        ) }} as exam_date,
        planned.exam_type,
        planned.purpose,
        0 as is_held,
        1 as is_planned,
        planned.submission_id,
        planned.sheet_name,
        planned.row_number
    from {{ ref('stg_exam_plans__test') }} as planned
)

select
    tests.region_code,
    periods.period_type,
    periods.period_id,
    cast(null as varchar) as school_code,
    tests.region_code as entity_id,
    coalesce(grades.stage, '_all') as stage,
    '_none' as urban_rural,
    cast(tests.grade as varchar) as grade,
    '_all' as subject,
    '_all' as exam_id,
    terms.period_id as group_code,
    tests.exam_type,
    tests.purpose,
    tests.is_held,
    tests.is_planned,
    tests.exam_id is not null as is_listed,
    tests.grade || '/' || terms.period_id || '/' || tests.exam_id as event_id,
    tests.grade || '/' || terms.period_id || '/' || tests.exam_type || '/' || tests.purpose || '/' || tests.subject
        as subject_id,
    tests.submission_id,
    tests.sheet_name,
    tests.row_number,
    cast(null as varchar) as column_letter
from tests
left join {{ ref('grade') }} as grades on tests.grade = grades.grade
inner join {{ ref('period_calendar') }} as periods
    on
        periods.period_type in ('school_year', 'calendar_year', 'project_year')
        and tests.exam_date between cast(periods.starts_on as date) and cast(periods.ends_on as date)
inner join {{ ref('period_calendar') }} as terms
    on
        terms.period_type = 'term'
        and tests.exam_date between cast(terms.starts_on as date) and cast(terms.ends_on as date)
