{{ config(meta={'zone': 'restricted'}) }}
{# What classes are taught and pupils reach: timetables, exercise, fitness, skills, inspections, observed lessons. #}
{% set class_key = "src.school_code || '/' || src.grade || '/' || src.class_name" %}
{% set class_subject = class_key ~ " || '/' || src.subject" %}
{% set staged = {
    'timetable': 'stg_class_timetable__lesson', 'exercise': 'stg_class_exercise__class',
    'fitness': 'stg_fitness_tests__group', 'skills': 'stg_skill_assessments__group',
    'observed': 'stg_lesson_observations__lesson',
} %}
with
{% for name, relation in staged.items() %}
    {{ name }} as (
        select r.*, g.stage
        from {{ ref(relation) }} as r
        left join {{ ref('grade') }} as g on r.grade = g.grade
    ),
{% endfor %}

classes as (
    select distinct region_code, school_year, school_code, grade, class_name, stage from timetable
),

tests as (
    select
        f.*,
        case when extract(month from f.tested_on) between 2 and 8 then '2' else '1' end as term_no
    from fitness as f
),

-- What the plan requires of every class of a timetable, whether or not the timetable has the subject.
required as (
    select
        c.region_code, c.school_year, c.school_code, c.grade, c.class_name, c.stage, p.subject,
        p.required_weekly_period_count, p.submission_id, p.sheet_name, p.row_number
    from classes as c
    inner join {{ ref('stg_curriculum_plan__subject') }} as p
        on c.region_code = p.region_code and c.school_year = p.school_year and c.grade = p.grade
),

facts as (
    {{ measure_rows('timetable', {'weekly_period_count': ['src.weekly_period_count', 'weekly_period_count']},
        'school_year', 'src.school_year', detail=class_subject, subject='src.subject', kind='src.lesson_type',
        where="src.lesson_type <> '跨学科主题学习' and src.weekly_period_count is not null") }}
    union all
    {# Periods of a theme across subjects are part of the subject's own: they are told apart, not added. #}
    {{ measure_rows('timetable', {'interdisciplinary_period_count': ['src.weekly_period_count', 'weekly_period_count']},
        'school_year', 'src.school_year', detail=class_subject, subject='src.subject',
        where="src.lesson_type = '跨学科主题学习' and src.weekly_period_count is not null") }}
    union all
    {{ measure_rows('timetable', {'term_lesson_count': ['src.term_lesson_count', 'term_lesson_count']},
        'school_year', 'src.school_year', detail=class_key, subject='src.subject', kind='src.lesson_type',
        where='src.term_lesson_count is not null') }}
    union all
    {{ measure_rows('required', {
        'required_weekly_period_count': ['src.required_weekly_period_count', 'required_weekly_period_count']
    }, 'school_year', 'src.school_year', detail=class_subject, subject='src.subject') }}
    union all
    {{ measure_rows('exercise', {
        'pe_exercise_hours': [
            'cast(src.pe_period_count * src.pe_period_minutes'
            ~ ' + (src.break_minutes + src.activity_minutes) * src.school_day_count as double) / 60', 'activity_minutes'],
        'school_day_count': ['src.school_day_count', 'school_day_count'],
    }, 'school_year', 'src.school_year', detail=class_key) }}
    union all
    {{ measure_rows('tests', {
        'fitness_tested_student_count': ['src.tested_count', 'tested_count'],
        'fitness_pass_student_count': ['src.pass_count', 'pass_count'],
        'fitness_good_student_count': ['src.good_count', 'good_count'],
        'fitness_test_round_count': ['case when src.tested_count > 0 then 1 else 0 end', 'round_no'],
    }, 'school_year', 'src.school_year', detail="src.term_no || '/' || src.round_no", kind='src.sex') }}
    union all
    {{ measure_rows('skills', {
        'skill_assessed_student_count': ['src.assessed_count', 'assessed_count'],
        'student_skill_count': ['src.mastered_skill_count', 'mastered_skill_count'],
    }, 'school_year', 'src.school_year', kind='src.skill_type') }}
    union all
    {{ measure_rows(ref('stg_inspections__inspection'), {
        'inspection_scope_count': ['src.scope_count', 'scope_count'],
        'inspection_done_count': ['src.done_count', 'done_count'],
    }, 'school_year', 'src.school_year', detail='src.term', kind='src.inspection_item') }}
    union all
    {{ measure_rows('observed', {
        'lesson_student_present_count': ['src.student_present_count', 'student_present_count'],
        'lesson_goal_reached_count': ['src.goal_reached_count', 'goal_reached_count'],
    }, 'school_year', 'src.school_year', subject='src.subject', kind='src.observer_role',
        where='src.student_present_count is not null') }}
)

{{ located_rows('facts') }}
