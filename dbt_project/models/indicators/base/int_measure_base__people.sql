{{ config(meta={'zone': 'restricted'}) }}
{# What people do on a date: trainings, observed lessons, answers of surveys, moves of pupils; and rotation by year. #}
{% set years = ['school_year', 'calendar_year', 'project_year'] %}
with rosters as (
    select r.region_code, r.school_year, r.teacher_key, min(s.stage) as stage
    from {{ ref('fct_teacher_snapshot_person') }} as r
    inner join {{ ref('stage') }} as s on r.stage = s.stage
    group by r.region_code, r.school_year, r.teacher_key
),

trainings as (
    select
        t.*, coalesce(t.ended_on, t.started_on) as closed_on,
        -- Somebody who teaches in no stage (a researcher) counts in all of them together, not in each.
        coalesce(r.stage, a.base_stage, '_all') as stage,
        t.teacher_key || '/' || t.course_name || '/' || t.started_on as attendance_id,
        t.course_name || '/' || coalesce(t.course_no, '') || '/' || t.started_on as course_id
    from {{ ref('stg_teacher_training__course') }} as t
    left join rosters as r
        on t.region_code = r.region_code and t.school_year = r.school_year and t.teacher_key = r.teacher_key
    left join {{ ref('int_school_attribute') }} as a
        on t.school_code = a.school_code and t.school_year = a.school_year
),

courses as (
    select
        region_code, course_id, programme, min(started_on) as started_on, max(submission_id) as submission_id,
        max(sheet_name) as sheet_name, min(row_number) as row_number
    from trainings
    group by region_code, course_id, programme
),

moves as (
    select e.*, g.stage
    from {{ ref('stg_status_events__event') }} as e
    left join {{ ref('grade') }} as g on e.grade = g.grade
),

observed as (
    select o.*, g.stage
    from {{ ref('stg_lesson_observations__lesson') }} as o
    left join {{ ref('grade') }} as g on o.grade = g.grade
),

answers as (
    select *, coalesce(surveyed_on, {{ make_date(school_year_start('school_year'), 12, 31) }}) as answered_on
    from {{ ref('stg_surveys__answer') }}
),

facts as (
    {{ event_rows('trainings', {'training_attendance_count': ['1', 'started_on']}, years, 'src.started_on',
        school='src.school_code', stage='src.stage', item='src.teacher_key', kind='src.programme',
        kind2='src.training_tier', level='src.training_level', entity_kind='src.mode', category='src.main_subject',
        ownership='src.arranged_by_superior') }}
    union all
    {{ event_rows('trainings', {'training_hours': ['src.hours', 'hours']}, years, 'src.closed_on',
        school='src.school_code', stage='src.stage', item='src.teacher_key', kind='src.programme',
        kind2='src.post_type', level='src.training_level', entity_kind='src.mode') }}
    union all
    {{ event_rows('trainings', {'trainee_count': ['1', 'programme']}, years, 'src.started_on',
        school='src.school_code', stage='src.stage', item='src.teacher_key', kind='src.programme',
        kind2="coalesce(src.is_completed, '否')", level='src.organiser_level') }}
    union all
    {{ event_rows('trainings', {
        'training_assessed_count': ['1', 'result'],
        'training_passed_count': ["case when src.result in ('优秀', '合格') then 1 else 0 end", 'result'],
        'training_excellent_count': ["case when src.result = '优秀' then 1 else 0 end", 'result'],
    }, years, 'src.started_on', school='src.school_code', stage='src.stage', item='src.teacher_key',
        kind='src.programme', category='src.budget_project', where='src.result is not null') }}
    union all
    {{ event_rows('courses', {'training_course_count': ['1', 'course_no']}, years, 'src.started_on',
        stage="'_any'", item='src.course_id', kind='src.programme') }}
    union all
    {{ event_rows('observed', {'lesson_observed_count': ['1', 'period_no']}, years, 'src.observed_on',
        stage="'_any'", item='src.teacher_key', kind='src.observer_role', subject='src.subject') }}
    union all
    {{ event_rows('moves', {'dropout_student_count': ['1', 'event_type']}, ['school_year'], 'src.event_date',
        school='src.school_code', stage='src.stage', item='src.student_key',
        where="src.event_type = '辍学' and coalesce(src.return_date > p.ends_on, true)") }}
    union all
    {% for measure, event in {
        'transfer_in_count': '转入', 'transfer_out_count': '转出', 'pupil_death_count': '死亡'
    }.items() %}
        {{ event_rows('moves', {measure: ['1', 'event_type']}, ['school_year'], 'src.event_date',
            school='src.school_code', stage='src.stage', item="src.student_key || '/' || src.event_date",
            where="src.event_type = '" ~ event ~ "'") }}
        union all
    {% endfor %}
    {{ event_rows('answers', {
        'valid_answer_count': ['src.valid_count', 'valid_count'],
        'satisfied_answer_count': ['src.satisfied_count', 'satisfied_count'],
    }, years, 'src.answered_on', school='src.school_code', stage="coalesce(src.stage, '_any')",
        item='src.respondent_group', kind='src.survey', kind2='src.question', category='src.respondent_group',
        where="src.question <> '书面作业时间'") }}
    union all
    {{ event_rows('answers', {
        'homework_valid_answer_count': ['src.valid_count', 'valid_count'],
        'homework_within_limit_answer_count': ['src.satisfied_count', 'satisfied_count'],
    }, ['school_year'], 'src.answered_on', school='src.school_code', stage="coalesce(src.stage, '_any')",
        item='src.respondent_group', where="src.question = '书面作业时间'") }}
)

{{ located_events('facts') }}
