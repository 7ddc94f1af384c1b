{# Compiled from the rows of the indicator catalogue by `python -m warehouse.terms --write`. Do not edit. #}
{{ config(meta={'zone': 'restricted'}) }}
with terms as (
    select term_code, measure_code, keeps_zero
    from {{ ref('term') }}
    where source_fact = 'people'
),

picked as (
    select
        t.term_code, t.measure_code, t.keeps_zero,
        b.region_code, b.entity_type, b.school_code, b.entity_id, b.period_type, b.period_id, b.stage, b.urban_rural,
        b.grade, b.subject, b.exam_id, b.submission_id,
        case t.term_code
            when 'homework_valid_answer_count' then '_all'
            when 'homework_within_limit_answer_count' then '_all'
            when 'lesson_observed_count' then '_all'
            when 'satisfied_answer_count' then '_all'
            when 'satisfied_answer_count__1dabb04b' then '_all'
            when 'satisfied_answer_count__6423f0cd' then '_all'
            when 'satisfied_answer_count__719b3adf' then '_all'
            when 'satisfied_answer_count__954d476b' then '_all'
            when 'training_assessed_count' then '_all'
            when 'training_attendance_count__84fdbc5a' then '_all'
            when 'training_attendance_count__8538131a' then '_all'
            when 'training_attendance_count__d11f30c9' then '_all'
            when 'training_excellent_count' then '_all'
            when 'training_passed_count' then '_all'
            when 'training_passed_count__6c341974' then '_all'
            when 'valid_answer_count' then '_all'
            when 'valid_answer_count__1dabb04b' then '_all'
            when 'valid_answer_count__6423f0cd' then '_all'
            when 'valid_answer_count__719b3adf' then '_all'
            when 'valid_answer_count__954d476b' then '_all'
            else cast(b.group_code as varchar)
        end as group_code,
        b.value as term_value,
        case t.term_code
            when 'lesson_observed_count__732453da' then b.kind_code = '教研员'
            when 'lesson_observed_count__ed92ccdf' then b.kind_code = '校长'
            when 'satisfied_answer_count__1dabb04b' then b.kind_code = '参训教师满意度'
            when 'satisfied_answer_count__6423f0cd' then b.kind_code = '家长社会满意度'
            when 'satisfied_answer_count__719b3adf' then b.kind_code = '课后服务满意率'
            when 'satisfied_answer_count__954d476b' then b.kind_code = '社会认可度'
            when 'trainee_count__90a05b94' then b.kind_code = '领军校长' and b.kind2_code = '是'
            when 'trainee_count__9a952fca' then b.kind_code = '教育行政管理后备干部' and b.level_code = '市级'
            when 'trainee_count__b51ad0db' then b.kind_code = '骨干校长' and b.kind2_code = '是'
            when 'trainee_count__b8d3be6e' then b.kind_code = '学科带头人' and b.level_code = '市级'
            when 'trainee_count__bff074ce' then b.kind_code = '领军校(园)长' and b.level_code = '市级'
            when 'trainee_count__dbf581a6' then b.kind_code in ('学科带头人', '骨干教师')
            when 'trainee_count__ee209190' then b.kind_code = '骨干教师' and b.level_code = '市级'
            when 'training_attendance_count__2943aa1b' then b.level_code in ('市级', '县级')
            when 'training_attendance_count__37c524ba' then b.entity_kind = '线下外出' and b.ownership = '否'
            when 'training_attendance_count__84fdbc5a' then b.kind2_code = '骨干培训'
            when 'training_attendance_count__8538131a' then b.kind2_code = '高端培训'
            when 'training_attendance_count__b3226d44' then b.kind_code = '智慧教育应用专项培训'
            when 'training_attendance_count__be945cc1' then b.kind_code = '思政课教师轮训'
            when 'training_attendance_count__d11f30c9' then b.kind2_code = '普及培训'
            when 'training_course_count__237464de' then b.kind_code = '心理健康与家庭教育骨干教师培训'
            when 'training_course_count__6f409417' then b.kind_code = '班主任综合素质提升示范班'
            when 'training_hours__acdb665a' then b.kind2_code = '专职教研员'
            when 'training_passed_count__6c341974' then b.kind_code = '信息技术应用能力'
            when 'valid_answer_count__1dabb04b' then b.kind_code = '参训教师满意度'
            when 'valid_answer_count__6423f0cd' then b.kind_code = '家长社会满意度'
            when 'valid_answer_count__719b3adf' then b.kind_code = '课后服务满意率'
            when 'valid_answer_count__954d476b' then b.kind_code = '社会认可度'
            else true
        end as is_match
    from {{ ref('int_measure_base__people') }} as b
    inner join terms as t on b.measure_code = t.measure_code
)

-- A row that is no term's is dropped before the grouping: of a register taken by person it is nearly all of them.
select
    term_code, measure_code,
    region_code, entity_type, school_code, entity_id, period_type, period_id, stage, urban_rural,
    grade, subject, exam_id, submission_id,
    group_code,
    cast(coalesce(sum(case when is_match then term_value end), 0) as decimal(28, 10)) as term_value,
    cast(sum(case when is_match and term_value is null then 1 else 0 end) as bigint) as missing_rows
from picked
where is_match or keeps_zero = 'yes'
group by
    term_code, measure_code,
    region_code, entity_type, school_code, entity_id, period_type, period_id, stage, urban_rural,
    grade, subject, exam_id, submission_id,
    group_code
