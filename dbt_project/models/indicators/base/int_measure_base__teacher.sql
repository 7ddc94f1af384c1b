{{ config(meta={'zone': 'restricted'}) }}
{# One row per teacher and section; a section whose roster came has a row even where nobody teaches, and one whose
   roster did not come has a row without figures. A roster without a single certificate does not ask for them, a
   school whose roster has no column of specialties or of evaluation has not said who counts, and a region without a
   register of honours has not said who holds one: none of them is a zero. #}
with roster as (
    select
        region_code, school_year, school_code, teacher_key,
        max(sex) as sex, max(birth_year) as birth_year, max(certificate_stage) as certificate_stage,
        max(duty) as duty, max(duty_since) as duty_since, max(school_since) as school_since,
        max(hired_since) as hired_since, max(is_specialty_teacher) as is_specialty_teacher,
        max(is_dual_qualified) as is_dual_qualified, max(evaluation_grade) as evaluation_grade,
        max(submission_id) as submission_id, max(sheet_name) as sheet_name, min(row_number) as row_number,
        max(max(certificate_stage)) over (partition by region_code, school_year) is not null as has_certificates
    from {{ ref('stg_teacher_roster__teacher') }}
    group by region_code, school_year, school_code, teacher_key
),

columns_sent as (
    select
        r.region_code, r.school_year, r.school_code,
        max(case when s.column_map like '%"is_specialty_teacher":%' then 1 else 0 end) = 1 as asks_specialty,
        max(case when s.column_map like '%"evaluation_grade":%' then 1 else 0 end) = 1 as asks_evaluation
    from {{ ref('stg_teacher_roster__teacher') }} as r
    inner join {{ ref('stg_ledger__submission') }} as s on r.submission_id = s.submission_id
    group by r.region_code, r.school_year, r.school_code
),

registers as (
    select distinct region_code from {{ ref('stg_teacher_honours__honour') }}
),

teachers as (
    select
        t.region_code, t.school_year, t.school_code, t.stage, t.teacher_key, t.main_subject, t.post_type,
        r.sex, r.is_dual_qualified, r.evaluation_grade, r.submission_id, r.sheet_name, r.row_number,
        case when t.is_full_time_teacher then 1 else 0 end as ft_teacher_count,
        case when t.post_group in ('teacher', 'external') then 1 else 0 end as subject_teacher_count,
        case
            when not t.is_full_time_teacher then 0
            when not r.has_certificates then null
            when c.sort_order >= s.sort_order and (t.stage <> 'vocational' or r.certificate_stage = 'vocational') then 1
            when r.certificate_stage = t.stage then 1
            when t.stage = 'special' and r.certificate_stage is not null then 1
            else 0
        end as certified_teacher_count,
        case when t.is_full_time_teacher and t.qualification_rank >= cast(q.min_rank as integer) then 1 else 0 end
            as qualified_edu_teacher_count,
        case when k.asks_specialty then case when r.is_specialty_teacher = '是' then 1 else 0 end end
            as professional_teacher_count,
        case when k.asks_evaluation then case when r.evaluation_grade is not null then 1 else 0 end end
            as evaluated_teacher_count,
        case
            when not t.is_established and {{ months_between('r.hired_since', 'p.statistics_date') }}
                > p.off_establishment_months then 1
            else 0
        end as long_term_off_establishment_count,
        case when h.region_code is not null then case when b.teacher_key is not null then 1 else 0 end end
            as school_backbone_teacher_count
    from {{ ref('fct_teacher_snapshot_person') }} as t
    left join roster as r
        on t.school_year = r.school_year and t.school_code = r.school_code and t.teacher_key = r.teacher_key
    left join columns_sent as k
        on t.region_code = k.region_code and t.school_year = k.school_year and t.school_code = k.school_code
    left join {{ ref('int_condition_parameter') }} as p on t.school_year = p.school_year
    left join {{ ref('stage') }} as s on t.stage = s.stage
    left join {{ ref('stage') }} as c on r.certificate_stage = c.stage
    left join {{ ref('qualification_requirement') }} as q
        on t.stage = q.stage and p.statistics_date >= cast(q.valid_from as date)
    left join {{ ref('int_teacher_backbone') }} as b
        on
            t.school_year = b.school_year
            and t.school_code = b.school_code
            and t.stage = b.stage
            and t.teacher_key = b.teacher_key
    left join registers as h on t.region_code = h.region_code
),

sections as (
    select
        f.region_code, f.school_code, f.period_id, f.stage, f.roster_ft_teacher_count, f.submission_id,
        k.asks_specialty, k.asks_evaluation,
        case when f.roster_ft_teacher_count is null then '_unknown' end as unlisted
    from {{ ref('int_measure_base__school_resource') }} as f
    left join columns_sent as k
        on f.region_code = k.region_code and f.period_id = k.school_year and f.school_code = k.school_code
),

listed as (
    select * from teachers
    union all
    select
        region_code, period_id, school_code, stage, '_none' as teacher_key,
        {% for column in ['main_subject', 'post_type', 'sex', 'is_dual_qualified', 'evaluation_grade'] %}
            unlisted as {{ column }},
        {% endfor %}
        submission_id, null as sheet_name, null as row_number,
        {% for known in ['', '', '', '', 'asks_specialty', 'asks_evaluation', '', ''] %}
            case when roster_ft_teacher_count is not null{% if known %} and {{ known }}{% endif %} then 0 end
            {%- if not loop.last %},{% endif %}
        {% endfor %}
    from sections
)

select
    t.region_code,
    'section' as entity_type,
    t.school_code,
    t.school_code || '/' || t.stage as entity_id,
    'school_year' as period_type,
    t.school_year as period_id,
    t.stage,
    case when a.is_urban then 'urban' when a.is_urban is null then '_none' else 'rural' end as urban_rural,
    '_all' as grade,
    '_all' as subject,
    '_all' as exam_id,
    t.teacher_key as group_code,
    t.submission_id,
    a.urban_rural as urban_rural_name,
    a.school_type,
    a.size_band,
    t.main_subject,
    t.post_type,
    t.sex,
    t.is_dual_qualified,
    t.evaluation_grade,
    t.ft_teacher_count,
    t.subject_teacher_count,
    t.certified_teacher_count,
    t.qualified_edu_teacher_count,
    t.professional_teacher_count,
    t.evaluated_teacher_count,
    t.long_term_off_establishment_count,
    t.school_backbone_teacher_count,
    t.sheet_name,
    t.row_number
from listed as t
left join {{ ref('int_school_attribute') }} as a
    on t.school_code = a.school_code and t.school_year = a.school_year
