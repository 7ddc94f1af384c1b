{{ config(meta={'zone': 'restricted'}) }}
{# What registers record with a date: recognitions, studios, honours, activities, cases, incidents, projects, gaps. #}
{% set years = ['school_year', 'calendar_year'] %}
{% set case_id = "src.submission_id || '/' || src.sheet_name || '/' || src.row_number" %}
with recognitions as (
    select r.*, case when r.entity_type = '学校' then r.entity_code end as school_code
    from {{ ref('stg_recognition_register__recognition') }} as r
),

members as (
    select
        m.*,
        s.studio_type,
        coalesce(m.joined_on, s.recognised_on) as member_from,
        least(m.left_on, s.revoked_on) as member_until
    from {{ ref('stg_studio_members__member') }} as m
    inner join {{ ref('stg_studios__studio') }} as s on m.region_code = s.region_code and m.studio_name = s.studio_name
),

participants as (
    select p.*, a.held_on
    from {{ ref('stg_activity_participants__participant') }} as p
    inner join {{ ref('stg_activities__activity') }} as a
        on p.region_code = a.region_code and p.school_year = a.school_year and p.activity_no = a.activity_no
),

-- Only the leaves of the tree of projects count: a parent's figures are the sum of its children's.
projects as (
    select p.*, coalesce(p.started_on, p.approved_on) as begun_on
    from {{ ref('stg_project_ledger__project') }} as p
    where
        not exists (
            select 1 from {{ ref('stg_project_ledger__project') }} as c
            where c.region_code = p.region_code and c.parent_code = p.project_code
        )
),

facts as (
    {{ event_rows('recognitions', {'recognition_count': ['1', 'title']}, years, 'src.recognised_on', 'src.valid_until',
        'src.school_code', 'src.stage',
        "src.entity_code || '/' || src.title || '/' || src.recognised_on || '/' || src.level",
        'src.title', level='src.level', entity_kind='src.entity_type', subject='src.subject') }}
    union all
    {{ event_rows(ref('stg_studios__studio'), {'active_studio_count': ['1', 'studio_name']}, years,
        'src.recognised_on', 'src.revoked_on', item='src.studio_name', kind='src.studio_type', level='src.level') }}
    union all
    {{ event_rows('members', {'studio_person_count': ['1', 'member_role']}, years, 'src.member_from',
        'src.member_until', item="src.studio_name || '/' || src.teacher_key", kind='src.studio_type', kind2='src.member_role') }}
    union all
    {{ event_rows(ref('stg_teacher_honours__honour'), {'honour_award_count': ['1', 'title']}, years, 'src.awarded_on',
        school='src.school_code', stage='src.stage', item="src.teacher_key || '/' || src.title", kind='src.title',
        level='src.level') }}
    union all
    {{ event_rows(ref('stg_activities__activity'), {'activity_count': ['1', 'activity_no']},
        years + ['project_year'], 'src.held_on', school='src.school_code', stage="coalesce(src.stage, '_any')",
        item='src.activity_no', kind='src.activity_type', leader='src.leader', level='src.level',
        category='src.project') }}
    union all
    {{ event_rows('participants', {'activity_participant_count': ['1', 'student_key']}, years, 'src.held_on',
        school='src.school_code', stage='src.stage', item='src.student_key', kind='src.activity_type') }}
    union all
    {{ event_rows(ref('stg_milestones__milestone'), {'milestone_done_count': ['1', 'actual_on']}, years,
        'src.actual_on', item=case_id, kind='src.milestone_type', kind2='src.result',
        where='src.actual_on is not null') }}
    union all
    {{ event_rows(ref('stg_violation_register__case'), {'violation_count': ['1', 'case_no']}, years, 'src.found_on',
        school='src.school_code', item='src.case_no', kind='src.violation_type', kind2='src.finding') }}
    union all
    {{ event_rows(ref('stg_violation_register__case'), {'violation_school_count': ['1', 'school_code']}, years,
        'src.found_on', school='src.school_code', item='src.school_code', kind='src.violation_type',
        kind2='src.finding', where='src.school_code is not null') }}
    union all
    {{ event_rows(ref('stg_violation_register__case'), {'major_discipline_case_count': ['1', 'severity']}, years,
        'src.found_on', school='src.school_code', item='src.case_no', kind='src.violation_type',
        kind2='src.finding', where="src.severity = '严重' and src.finding = '属实'") }}
    union all
    {{ event_rows(ref('stg_safety_register__incident'), {'incident_count': ['1', 'incident_no']}, years,
        'src.occurred_on', school='src.school_code', stage='src.stage', item='src.incident_no',
        kind='src.incident_type', kind2='src.severity', level='src.liability') }}
    union all
    {{ event_rows(ref('stg_audit_findings__finding'), {'audit_finding_count': ['1', 'finding_no']}, ['fiscal_year'],
        'src.found_on', item='src.finding_no', kind='src.finding_type', category='src.project_name') }}
    union all
    {{ event_rows('projects', {'project_started_count': ['1', 'started_on']}, years, 'src.begun_on', none,
        'src.school_code', "coalesce(src.stage, '_any')", 'src.project_code', 'src.project_type', 'src.status', category='src.project_category',
        ownership='src.ownership', area='src.urban_rural') }}
    union all
    {{ event_rows('projects', {
        'project_completed_count': ['1', 'completed_on'],
        'project_place_count': ['src.design_place_count', 'design_place_count'],
        'project_floor_area_m2': ['src.floor_area_m2', 'floor_area_m2'],
        'project_sports_area_m2': ['src.sports_area_m2', 'sports_area_m2'],
    }, years, 'src.completed_on', none, 'src.school_code', "coalesce(src.stage, '_any')", 'src.project_code', 'src.project_type',
        'src.status', category='src.project_category', ownership='src.ownership', area='src.urban_rural') }}
    union all
    {# What is paid to date is measured against the whole plan, begun or not. #}
    {{ event_rows('projects', {'project_planned_yuan': ['src.planned_yuan', 'planned_yuan']}, ['fiscal_year'],
        'p.starts_on', none, 'src.school_code', "coalesce(src.stage, '_any')", 'src.project_code',
        'src.project_type', 'src.status', category='src.project_category') }}
    union all
    {{ event_rows(ref('stg_gap_items__item'), {'gap_item_count': ['1', 'item']}, ['calendar_year'], 'src.listed_on',
        none, 'src.school_code', 'src.stage', case_id, 'src.item',
        "case when src.closed_on <= p.ends_on then '销号' else '列入' end") }}
)

{{ located_events('facts') }}
