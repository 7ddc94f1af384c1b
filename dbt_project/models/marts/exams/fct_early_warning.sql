{{ config(materialized='incremental', incremental_strategy='append', on_schema_change='fail') }}

-- Every comparison with its answer, not the alarms alone: who was not judged, and why, is part of the answer. School
-- years without a change since the last build are there already (warehouse/reuse.py).
with ruled as (
    select
        compared.*,
        rules.reason_code,
        rules.reason_zh,
        rules.region_code as rule_region_code,
        rules.form,
        cast(rules.notice_at as double) as notice_at,
        cast(rules.warning_at as double) as warning_at,
        rules.min_pupils,
        case
            when rules.form = 'streak' then cast(compared.fall_streak as decimal(24, 9))
            else cast(compared.worsening as decimal(24, 9))
        end as judged_value,
        -- A region's own threshold goes before the one for all.
        row_number() over (
            partition by
                compared.region_code, compared.exam_id, compared.school_year, compared.grade, compared.subject,
                compared.group_type, compared.school_code, compared.class_name, rules.reason_code
            order by
                case when rules.region_code = compared.region_code then 0 else 1 end, rules.valid_from desc nulls last
        ) as place
    from {{ ref('int_exam_group__compared') }} as compared
    inner join {{ ref('early_warning_rule') }} as rules
        on
            compared.measure = rules.measure
            and compared.group_type = rules.group_type
            and rules.region_code in (compared.region_code, '_all')
            and compared.exam_date >= rules.valid_from
            and compared.exam_date <= coalesce(rules.valid_to, cast('9999-12-31' as date))
    {{ where_changed_exam_year('compared') }}
),

decided as (
    select
        ruled.*,
        case
            when not is_comparable then 'few_schools'
            when previous_exam_id is null then 'no_previous_exam'
            when pupil_count < min_pupils or previous_pupil_count < min_pupils then 'group_too_small'
            when standing is null or previous_standing is null then 'no_value'
        end as undecided_code
    from ruled
    where place = 1
)

select
    decided.region_code,
    decided.school_year,
    decided.term_code,
    decided.exam_id,
    decided.exam_date,
    decided.previous_exam_id,
    decided.previous_exam_date,
    coalesce(decided.term_code = decided.previous_term_code, false) as is_same_term,
    grades.stage,
    decided.grade,
    decided.subject,
    decided.group_type,
    schools.school_key,
    decided.school_code,
    case
        when decided.group_type = 'class'
            then
                {{ surrogate_key([
                    'decided.school_code', 'decided.school_year', 'decided.grade', 'decided.class_name'
                ]) }}
    end as class_key,
    decided.class_name,
    decided.reason_code,
    decided.reason_zh,
    decided.measure,
    decided.pupil_count,
    decided.previous_pupil_count,
    decided.value,
    decided.region_value,
    decided.standing,
    decided.previous_value,
    decided.previous_region_value,
    decided.previous_standing,
    decided.standing - decided.previous_standing as standing_change,
    decided.fall_streak,
    cast(decided.judged_value as double) as judged_value,
    decided.notice_at,
    decided.warning_at,
    decided.min_pupils,
    decided.rule_region_code,
    case
        when decided.undecided_code is not null then 'undecided'
        when decided.judged_value >= decided.warning_at then 'warning'
        when decided.judged_value >= decided.notice_at then 'notice'
        else 'none'
    end as warning_level,
    decided.undecided_code
from decided
left join {{ ref('dim_school') }} as schools
    on decided.school_code = schools.school_code and decided.school_year = schools.school_year
left join {{ ref('grade') }} as grades on decided.grade = grades.grade
