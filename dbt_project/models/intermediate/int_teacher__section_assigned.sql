{{ config(materialized='table') }}

-- Each teacher's section: the stage taught, else the stage of the grade taught, else the school's only stage.
with only_stage as (
    select
        school_code,
        school_year,
        min(stage) as stage
    from {{ ref('stg_school_report__section') }}
    group by school_code, school_year
    having count(distinct stage) = 1
),

pe_art_alias as (
    select aliases.alias
    from {{ ref('subject_alias') }} as aliases
    inner join {{ ref('subject') }} as subjects on aliases.subject = subjects.subject
    where subjects.is_pe_art
),

placed as (
    select
        roster.*,
        coalesce(roster.stage, grades.stage, only_stage.stage, 'unassigned') as section_stage,
        coalesce(posts.is_full_time_teacher, false) as is_full_time_teacher,
        posts.post_group,
        levels.qualification_rank,
        levels.is_postgraduate,
        exists(
            select 1
            from pe_art_alias
            where {{ list_contains_item('coalesce(roster.main_subject, roster.subjects)', 'pe_art_alias.alias') }}
        ) as is_pe_art
    from {{ ref('stg_teacher_roster__teacher') }} as roster
    left join {{ ref('grade') }} as grades on roster.grade = grades.grade
    left join only_stage
        on roster.school_code = only_stage.school_code and roster.school_year = only_stage.school_year
    left join {{ ref('post_type') }} as posts on roster.post_type = posts.post_type
    left join {{ ref('qualification') }} as levels on roster.qualification = levels.qualification
)

select
    region_code,
    school_year,
    school_code,
    section_stage as stage,
    teacher_key,
    max(case when is_full_time_teacher then 1 else 0 end) = 1 as is_full_time_teacher,
    max(post_type) as post_type,
    max(post_group) as post_group,
    max(qualification) as qualification,
    max(qualification_rank) as qualification_rank,
    max(case when is_postgraduate then 1 else 0 end) = 1 as is_postgraduate,
    max(case when is_pe_art then 1 else 0 end) = 1 as is_pe_art,
    max(main_subject) as main_subject,
    max(subjects) as subjects,
    max(case when is_established = '是' then 1 when is_established = '否' then 0 end) as established_flag,
    max(title) as title,
    max(teaching_years) as teaching_years,
    max(sex) as sex,
    max(birth_year) as birth_year,
    max(major) as major,
    max(case is_trained when '是' then 1 when '否' then 0 end) as trained_flag,
    max(certificate_stage) as certificate_stage,
    max(certificate_subject) as certificate_subject,
    max(case is_subject_full_time when '专职' then 1 when '兼职' then 0 end) as subject_full_time_flag,
    max(duty) as duty,
    max(duty_since) as duty_since,
    max(school_since) as school_since,
    max(hired_since) as hired_since,
    max(case is_specialty_teacher when '是' then 1 when '否' then 0 end) as specialty_teacher_flag,
    max(case is_dual_qualified when '是' then 1 when '否' then 0 end) as dual_qualified_flag,
    max(evaluation_grade) as evaluation_grade,
    count(*) as roster_rows,
    min(submission_id) as submission_id
from placed
group by region_code, school_year, school_code, section_stage, teacher_key
