{{ config(meta={'zone': 'restricted'}) }}
{# What schools have: classes, rooms, networks, posts, places, funds and grades, one row per measure and thing. #}
{% set class_key = "src.school_code || '/' || src.grade || '/' || src.class_name" %}
{% set flags = {'wireless_covered': 'wireless_covered', 'network_5g_covered': 'network_5g_covered',
    'online_patrol_enabled': 'online_patrol_enabled', 'optical_campus_network': 'optical_campus_network',
    'digital_campus_built': 'digital_campus_built', 'network_research_routine': 'network_research_routine',
    'three_classroom_env': 'three_classroom_env'} %}
{% set digital = {} %}
{% for measure, column in flags.items() %}
    {% do digital.update({measure: [yes_no('src.' ~ column), column]}) %}
{% endfor %}
{% for column in ['digital_classroom_count', 'ai_classroom_count', 'interactive_classroom_count',
    'remote_room_count'] %}
    {% do digital.update({column: ['src.' ~ column, column]}) %}
{% endfor %}
{% do digital.update({
    'digital_checklist_item_count': ['src.checklist_item_count', 'checklist_item_count'],
    'digital_checklist_met_count': ['src.checklist_met_count', 'checklist_met_count'],
    'bandwidth_tier_met': ['src.bandwidth_tier_met', 'outlet_bandwidth_mbps'],
}) %}
with digital as (
    select
        d.*,
        case
            when
                d.outlet_bandwidth_mbps is null or d.school_bandwidth_mbps is null or d.class_bandwidth_mbps is null
                then null
            when
                d.outlet_bandwidth_mbps >= p.outlet_min
                and d.school_bandwidth_mbps >= p.school_min
                and d.class_bandwidth_mbps >= p.class_min
                then 1
            else 0
        end as bandwidth_tier_met
    from {{ ref('stg_digital_equipment__section') }} as d
    left join {{ ref('int_condition_parameter') }} as p on d.school_year = p.school_year
),

posts as (
    select
        s.*,
        case
            when {{ months_between('s.vacancy_since', 'p.statistics_date') }} > p.vacancy_months
                then greatest(s.approved_post_count - s.established_staff_count, 0)
            else 0
        end as overdue_count
    from {{ ref('stg_staffing_establishment__section') }} as s
    left join {{ ref('int_condition_parameter') }} as p on s.school_year = p.school_year
),

classes as (
    select
        region_code, school_year, school_code, stage, count(*) as class_count, max(submission_id) as submission_id,
        max(sheet_name) as sheet_name, min(row_number) as row_number
    from {{ ref('stg_class_sizes__class') }}
    group by region_code, school_year, school_code, stage
),

facts as (
    {{ measure_rows(ref('stg_class_sizes__class'), {
        'class_count': ['1', 'class_name'], 'class_student_count': ['src.student_count', 'student_count']
    }, 'school_year', 'src.school_year', detail=class_key) }}
    union all
    {{ measure_rows('classes', {
        'room_entitlement_12class': ['ceil(cast(src.class_count as double) / 12)', 'class_name']
    }, 'school_year', 'src.school_year') }}
    union all
    {{ measure_rows(ref('stg_special_rooms__room'), {
        'special_room_count': ['1', 'room_no'], 'room_usable_area_m2': ['src.usable_area_m2', 'usable_area_m2']
    }, 'school_year', 'src.school_year', detail="src.school_code || '/' || src.room_no", kind='src.room_type') }}
    union all
    {{ measure_rows(ref('stg_room_usage__room'), {
        'room_used_period_count': ['src.used_period_count', 'used_period_count'],
        'room_available_period_count': ['src.available_period_count', 'available_period_count'],
    }, 'school_year', 'src.school_year', detail="src.room_no || '/' || src.term", kind='src.room_type') }}
    union all
    {{ measure_rows('digital', digital, 'school_year', 'src.school_year') }}
    union all
    {{ measure_rows('posts', {
        'staffing_standard_students_per_post': ['src.students_per_post', 'students_per_post'],
        'staff_post_allocated_count': ['src.approved_post_count', 'approved_post_count'],
        'fillable_vacancy_overdue_count': ['src.overdue_count', 'vacancy_since'],
    }, 'school_year', 'src.school_year') }}
    union all
    {{ measure_rows(ref('stg_subject_staffing__subject'), {
        'required_subject_teacher_count': ['src.required_teacher_count', 'required_teacher_count']
    }, 'school_year', 'src.school_year', subject='src.subject') }}
    union all
    {{ measure_rows(ref('stg_enrolment_zoning__section'), {
        'new_entrant_count': ['src.new_entrant_count', 'new_entrant_count'],
        'zoned_entrant_count': ['src.zoned_entrant_count', 'zoned_entrant_count'],
    }, 'school_year', 'src.school_year') }}
    union all
    {{ measure_rows(ref('stg_school_grades__section'), {
        'moral_education_grade': ['src.moral_education_grade', 'moral_education_grade'],
        'campus_culture_grade': ['src.campus_culture_grade', 'campus_culture_grade'],
    }, 'school_year', 'src.school_year') }}
    union all
    {{ measure_rows(ref('stg_public_funds__section'), {
        'public_fund_allocated_yuan': ['src.allocated_yuan', 'allocated_yuan'],
        'public_fund_quota_yuan': ['src.quota_yuan', 'quota_yuan'],
        'public_fund_budget_yuan': ['src.budget_yuan', 'budget_yuan'],
        'training_budget_yuan': ['src.training_budget_yuan', 'training_budget_yuan'],
    }, 'fiscal_year', 'src.fiscal_year') }}
    union all
    {{ measure_rows(ref('stg_school_report__section'), {'school_group_count': ['1', 'school_group']},
        'school_year', 'src.school_year', detail='src.school_group', where='src.school_group is not null') }}
)

{{ located_rows('facts') }}
