{{ config(meta={'zone': 'restricted'}) }}
{# What is known of the county as a whole: people by age, posts, pay, plans, key points, heads of schools. #}
with people as (
    select p.*, b.age_band
    from {{ ref('stg_population__age') }} as p
    inner join {{ ref('age_band') }} as b on p.age between cast(b.min_age as integer) and cast(b.max_age as integer)
),

links as (
    select
        region_code, school_year, teacher_key, count(distinct school_code) as school_count,
        max(submission_id) as submission_id, max(sheet_name) as sheet_name, min(row_number) as row_number
    from {{ ref('stg_researcher_links__link') }}
    group by region_code, school_year, teacher_key
),

-- Heads of schools: their years in the post at the statistics date. Of several lines of one person in a school the one
-- with the longest term stands, whole: figures and place of one line.
heads as (
    select *
    from (
        select
            r.region_code, r.school_year, r.school_code, r.teacher_key, d.is_principal,
            {{ months_between('coalesce(r.duty_since, r.school_since)', 'p.statistics_date') }} as tenure_months,
            {{ school_year_start('r.school_year') }} - r.birth_year as age_years,
            r.submission_id, r.sheet_name, r.row_number,
            row_number() over (
                partition by r.region_code, r.school_year, r.school_code, r.teacher_key, d.is_principal
                order by
                    coalesce(r.duty_since, r.school_since) asc nulls last, r.birth_year asc nulls last,
                    r.submission_id asc, r.sheet_name asc, r.row_number asc
            ) as place
        from {{ ref('stg_teacher_roster__teacher') }} as r
        inner join {{ ref('duty') }} as d on r.duty = d.duty
        inner join {{ ref('int_condition_parameter') }} as p on r.school_year = p.school_year
    ) as lines
    where place = 1
),

monitored as (
    select m.*, g.stage, p.period_id as school_year
    from {{ ref('stg_national_monitoring__result') }} as m
    inner join {{ ref('grade') }} as g on m.grade = g.grade
    inner join {{ ref('period_calendar') }} as p
        on
            p.period_type = 'school_year'
            and coalesce(m.monitored_on, {{ make_date('m.calendar_year', 5, 31) }})
            between cast(p.starts_on as date) and cast(p.ends_on as date)
),

facts as (
    {{ measure_rows(ref('stg_attestations__attestation'), {
        'attested_flag': ['coalesce(src.attested_value, ' ~ yes_no('src.conclusion') ~ ')', 'conclusion']
    }, 'school_year', 'src.school_year', 'county', 'null', 'null', detail='src.evidence_no',
        kind='src.indicator_code') }}
    union all
    {{ measure_rows('monitored', {'national_monitor_level': ['src.level_no', 'level_no']}, 'school_year',
        'src.school_year', 'county', 'null', detail="src.grade || '/' || src.subject", kind='src.grade',
        subject='src.subject') }}
    union all
    {{ measure_rows('people', {'population_count': ['src.population_count', 'population_count']},
        'calendar_year', 'src.calendar_year', 'county', 'null', 'null', kind='src.age_band', kind2='src.sex') }}
    union all
    {{ measure_rows(ref('stg_population__age'), {'township_count': ['1', 'township_code']},
        'calendar_year', 'src.calendar_year', 'county', 'null', 'null', detail='src.township_code') }}
    union all
    {{ measure_rows(ref('stg_disabled_register__age'), {
        'disabled_registered_count': ['src.registered_count', 'registered_count']
    }, 'calendar_year', 'src.calendar_year', 'county', 'null', 'null') }}
    union all
    {{ measure_rows(ref('stg_senior_enrolment__type'), {
        'senior_stage_student_count': ['src.student_count', 'student_count']
    }, 'school_year', 'src.school_year', 'county', 'null', 'null', kind='src.senior_type') }}
    union all
    {{ measure_rows(ref('stg_county_establishment__stage'), {
        'staff_post_approved_total': ['src.approved_post_total', 'approved_post_total']
    }, 'school_year', 'src.school_year', 'county', 'null') }}
    union all
    {{ measure_rows(ref('stg_salary_payments__group'), {
        'teacher_salary_yuan': ['src.amount_yuan', 'amount_yuan'],
        'teacher_salary_person_count': ['src.person_count', 'person_count'],
    }, 'calendar_year', 'src.fiscal_year', 'county', 'null', where="src.person_group = '教师'") }}
    union all
    {{ measure_rows(ref('stg_salary_payments__group'), {
        'civil_servant_salary_yuan': ['src.amount_yuan', 'amount_yuan'],
        'civil_servant_person_count': ['src.person_count', 'person_count'],
    }, 'calendar_year', 'src.fiscal_year', 'county', 'null', 'null', where="src.person_group = '公务员'") }}
    union all
    {{ measure_rows(ref('stg_performance_pay__stage'), {
        'performance_pay_approved_yuan': ['src.approved_yuan', 'approved_yuan'],
        'performance_pay_required_yuan': ['src.required_yuan', 'required_yuan'],
    }, 'fiscal_year', 'src.fiscal_year', 'county', 'null') }}
    union all
    {{ measure_rows(ref('stg_fund_payments__payment'), {
        'fund_disbursement_days': ['src.paid_on - src.allocated_on', 'paid_on']
    }, 'fiscal_year', 'src.fiscal_year', 'county', 'null', 'null', detail='src.payment_no', kind='src.fund_source') }}
    union all
    {{ measure_rows(ref('stg_key_points__point'), {
        'key_point_count': ['1', 'key_point_code'],
        'key_point_with_lesson_count': ['case when src.lesson_no is not null then 1 else 0 end', 'lesson_no'],
    }, 'calendar_year', 'src.calendar_year', 'county', 'null', subject='src.subject') }}
    union all
    {{ measure_rows(ref('stg_normal_intake__person'), {'public_normal_intake_count': ['1', 'person_key']},
        'calendar_year', 'src.calendar_year', 'county', 'null', 'null', kind='src.level') }}
    union all
    {{ measure_rows(ref('stg_senior_plans__school'), {
        'quality_senior_plan_count': ['src.planned_count', 'planned_count']
    }, 'school_year', 'src.school_year', 'school', 'src.senior_school_code', "'senior'") }}
    union all
    {{ measure_rows(ref('stg_senior_quotas__quota'), {
        'quota_place_count': ['src.quota_place_count', 'quota_place_count']
    }, 'school_year', 'src.school_year', 'school', stage="'senior'") }}
    union all
    {{ measure_rows(ref('stg_school_report__section'), {
        'junior_graduate_count': ['src.expected_graduate_count', 'expected_graduate_count']
    }, 'school_year', 'src.school_year', 'school', stage="'senior'", where="src.stage = 'junior'") }}
    union all
    {{ measure_rows('links', {'researcher_linked_school_count': ['src.school_count', 'school_code']},
        'school_year', 'src.school_year', 'county', 'null', 'null', detail='src.teacher_key') }}
    union all
    {{ measure_rows('heads', {
        'principal_tenure_years': ['cast(src.tenure_months as double) / 12', 'duty_since']
    }, 'school_year', 'src.school_year', 'school', stage="'_any'", detail='src.teacher_key', where="src.is_principal = 'yes'") }}
    union all
    {{ measure_rows('heads', {'principal_age_years': ['src.age_years', 'birth_year']}, 'calendar_year',
        'substr(src.school_year, 1, 4)', 'school', stage="'_any'", detail='src.teacher_key') }}
)

{{ located_rows('facts') }}
