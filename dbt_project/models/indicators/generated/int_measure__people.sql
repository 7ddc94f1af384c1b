{# Compiled from the rows of the indicator catalogue by `python -m warehouse.terms --write`. Do not edit. #}
{{ config(meta={'zone': 'restricted'}) }}
with terms as (
    select
        term_code,
        measure_code,
        keeps_zero
    from {{ ref('term') }}
    where source_fact = 'people'
),

picked as (
    select
        t.term_code,
        t.measure_code,
        t.keeps_zero,
        b.region_code,
        b.entity_type,
        b.school_code,
        b.entity_id,
        b.period_type,
        b.period_id,
        b.stage,
        b.urban_rural,
        b.grade,
        b.subject,
        b.exam_id,
        b.submission_id,
        case t.term_code
            when 'dropout_student_count'
                then cast(b.group_code as varchar)
            when 'lesson_observed_count__732453da'
                then cast(b.group_code as varchar)
            when 'lesson_observed_count__ed92ccdf'
                then cast(b.group_code as varchar)
            when 'pupil_death_count'
                then cast(b.group_code as varchar)
            when 'trainee_count'
                then cast(b.group_code as varchar)
            when 'trainee_count__90a05b94'
                then cast(b.group_code as varchar)
            when 'trainee_count__9a952fca'
                then cast(b.group_code as varchar)
            when 'trainee_count__b51ad0db'
                then cast(b.group_code as varchar)
            when 'trainee_count__b8d3be6e'
                then cast(b.group_code as varchar)
            when 'trainee_count__bff074ce'
                then cast(b.group_code as varchar)
            when 'trainee_count__dbf581a6'
                then cast(b.group_code as varchar)
            when 'trainee_count__ee209190'
                then cast(b.group_code as varchar)
            when 'training_attendance_count'
                then cast(b.group_code as varchar)
            when 'training_attendance_count__2943aa1b'
                then cast(b.group_code as varchar)
            when 'training_attendance_count__37c524ba'
                then cast(b.group_code as varchar)
            when 'training_attendance_count__b3226d44'
                then cast(b.group_code as varchar)
            when 'training_attendance_count__be945cc1'
                then cast(b.group_code as varchar)
            when 'training_course_count'
                then cast(b.group_code as varchar)
            when 'training_course_count__237464de'
                then cast(b.group_code as varchar)
            when 'training_course_count__6f409417'
                then cast(b.group_code as varchar)
            when 'training_hours'
                then cast(b.group_code as varchar)
            when 'training_hours__acdb665a'
                then cast(b.group_code as varchar)
            when 'transfer_in_count'
                then cast(b.group_code as varchar)
            when 'transfer_out_count'
                then cast(b.group_code as varchar)
            else '_all'
        end as group_code,
        b.value as term_value,
        case t.term_code
            when 'lesson_observed_count__732453da' then coalesce(cast(b.kind_code as varchar), '') in ('教研员')
            when 'lesson_observed_count__ed92ccdf' then coalesce(cast(b.kind_code as varchar), '') in ('校长')
            when 'satisfied_answer_count__1dabb04b' then coalesce(cast(b.kind_code as varchar), '') in ('参训教师满意度')
            when 'satisfied_answer_count__6423f0cd' then coalesce(cast(b.kind_code as varchar), '') in ('家长社会满意度')
            when 'satisfied_answer_count__719b3adf' then coalesce(cast(b.kind_code as varchar), '') in ('课后服务满意率')
            when 'satisfied_answer_count__954d476b' then coalesce(cast(b.kind_code as varchar), '') in ('社会认可度')
            when 'trainee_count__90a05b94'
                then
                    coalesce(cast(b.kind_code as varchar), '') in ('领军校长')
                    and coalesce(cast(b.kind2_code as varchar), '') in ('是')
            when 'trainee_count__9a952fca'
                then
                    coalesce(cast(b.kind_code as varchar), '') in ('教育行政管理后备干部')
                    and coalesce(cast(b.level_code as varchar), '') in ('市级')
            when 'trainee_count__b51ad0db'
                then
                    coalesce(cast(b.kind_code as varchar), '') in ('骨干校长')
                    and coalesce(cast(b.kind2_code as varchar), '') in ('是')
            when 'trainee_count__b8d3be6e'
                then
                    coalesce(cast(b.kind_code as varchar), '') in ('学科带头人')
                    and coalesce(cast(b.level_code as varchar), '') in ('市级')
            when 'trainee_count__bff074ce'
                then
                    coalesce(cast(b.kind_code as varchar), '') in ('领军校(园)长')
                    and coalesce(cast(b.level_code as varchar), '') in ('市级')
            when 'trainee_count__dbf581a6' then coalesce(cast(b.kind_code as varchar), '') in ('学科带头人', '骨干教师')
            when 'trainee_count__ee209190'
                then
                    coalesce(cast(b.kind_code as varchar), '') in ('骨干教师')
                    and coalesce(cast(b.level_code as varchar), '') in ('市级')
            when 'training_attendance_count__2943aa1b' then coalesce(cast(b.level_code as varchar), '') in ('市级', '县级')
            when 'training_attendance_count__37c524ba'
                then
                    coalesce(cast(b.entity_kind as varchar), '') in ('线下外出')
                    and coalesce(cast(b.ownership as varchar), '') in ('否')
            when 'training_attendance_count__84fdbc5a' then coalesce(cast(b.kind2_code as varchar), '') in ('骨干培训')
            when 'training_attendance_count__8538131a' then coalesce(cast(b.kind2_code as varchar), '') in ('高端培训')
            when 'training_attendance_count__b3226d44' then coalesce(cast(b.kind_code as varchar), '') in ('智慧教育应用专项培训')
            when 'training_attendance_count__be945cc1' then coalesce(cast(b.kind_code as varchar), '') in ('思政课教师轮训')
            when 'training_attendance_count__d11f30c9' then coalesce(cast(b.kind2_code as varchar), '') in ('普及培训')
            when 'training_course_count__237464de'
                then
                    coalesce(cast(b.kind_code as varchar), '') in ('心理健康与家庭教育骨干教师培训')
            when 'training_course_count__6f409417' then coalesce(cast(b.kind_code as varchar), '') in ('班主任综合素质提升示范班')
            when 'training_hours__acdb665a' then coalesce(cast(b.kind2_code as varchar), '') in ('专职教研员')
            when 'training_passed_count__6c341974' then coalesce(cast(b.kind_code as varchar), '') in ('信息技术应用能力')
            when 'valid_answer_count__1dabb04b' then coalesce(cast(b.kind_code as varchar), '') in ('参训教师满意度')
            when 'valid_answer_count__6423f0cd' then coalesce(cast(b.kind_code as varchar), '') in ('家长社会满意度')
            when 'valid_answer_count__719b3adf' then coalesce(cast(b.kind_code as varchar), '') in ('课后服务满意率')
            when 'valid_answer_count__954d476b' then coalesce(cast(b.kind_code as varchar), '') in ('社会认可度')
            else true
        end as is_match
    from {{ ref('int_measure_base__people') }} as b
    inner join terms as t on b.measure_code = t.measure_code
)

select
    term_code,
    measure_code,
    region_code,
    entity_type,
    school_code,
    entity_id,
    period_type,
    period_id,
    stage,
    urban_rural,
    grade,
    subject,
    exam_id,
    submission_id,
    group_code,
    cast(coalesce(sum(case when is_match then term_value end), 0) as decimal(28, 10)) as term_value,
    cast(sum(case when is_match and term_value is null then 1 else 0 end) as bigint) as missing_rows
from picked
group by
    term_code,
    measure_code,
    region_code,
    entity_type,
    school_code,
    entity_id,
    period_type,
    period_id,
    stage,
    urban_rural,
    grade,
    subject,
    exam_id,
    submission_id,
    group_code,
    keeps_zero
having keeps_zero = 'yes' or sum(case when is_match then 1 else 0 end) > 0
