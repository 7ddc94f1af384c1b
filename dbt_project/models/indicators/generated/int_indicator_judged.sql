{# Compiled from the rows of the indicator catalogue by `python -m warehouse.terms --write`. Do not edit. #}
{{ config(meta={'zone': 'restricted'}) }}
select
    indicator_code,
    region_code,
    period_type,
    period_id,
    stage_scope,
    entity_type,
    entity_id,
    o1,
    o2,
    o3,
    o4,
    operand_count,
    known_count,
    case indicator_code
        when 'dig_5g_network_coverage'
            then case when o1 = 1 then 1.0 when not (o1 = 1) then 0.0 end
        when 'dig_ai_classroom_coverage'
            then case when o1 > 0 then 1.0 when not (o1 > 0) then 0.0 end
        when 'dig_campus_coverage'
            then case when o1 = 1 then 1.0 when not (o1 = 1) then 0.0 end
        when 'dig_fibre_backbone'
            then case when (o1 = 1 and o2 = 1) then 1.0 when not ((o1 = 1 and o2 = 1)) then 0.0 end
        when 'dig_interactive_room_coverage'
            then case when o1 > 0 then 1.0 when not (o1 > 0) then 0.0 end
        when 'dig_patrol_coverage'
            then case when o1 = 1 then 1.0 when not (o1 = 1) then 0.0 end
        when 'dig_remote_room_coverage'
            then case when o1 > 0 then 1.0 when not (o1 > 0) then 0.0 end
        when 'dig_smart_training_coverage'
            then case when o1 > 0 then 1.0 when not (o1 > 0) then 0.0 end
        when 'dig_three_classrooms_coverage'
            then case when o1 = 1 then 1.0 when not (o1 = 1) then 0.0 end
        when 'dig_vocational_fibre'
            then case when o1 = 1 then 1.0 when not (o1 = 1) then 0.0 end
        when 'dig_wireless_coverage'
            then case when o1 = 1 then 1.0 when not (o1 = 1) then 0.0 end
        when 'equ_quota_rural_tilt'
            then case when o1 >= o2 then 1.0 when not (o1 >= o2) then 0.0 end
        when 'fin_no_diversion'
            then case when (o1 = 0 and o2 <= o3) then 1.0 when not ((o1 = 0 and o2 <= o3)) then 0.0 end
        when 'gua_class_size_compliance'
            then case when o1 <= o2 then 1.0 when not (o1 <= o2) then 0.0 end
        when 'gua_edu_duty_supervision'
            then case when o1 > 0 then 1.0 when not (o1 > 0) then 0.0 end
        when 'gua_no_dropout_school_share'
            then case when o1 = 0 then 1.0 when not (o1 = 0) then 0.0 end
        when 'gua_performance_pay_full'
            then case when o1 >= o2 then 1.0 when not (o1 >= o2) then 0.0 end
        when 'gua_small_school_fund_floor'
            then case when (o1 >= o2 or o3 >= (o2 * o4)) then 1.0 when not ((o1 >= o2 or o3 >= (o2 * o4))) then 0.0 end
        when 'gua_staffing_unified_allocation'
            then case when (o1 <= o2 and o3 = o4) then 1.0 when not ((o1 <= o2 and o3 = o4)) then 0.0 end
        when 'gua_teacher_ethics_veto'
            then case when o1 > 0 then 1.0 when not (o1 > 0) then 0.0 end
        when 'gua_teacher_salary_ratio'
            then ((o1 / nullif(o2, 0)) / nullif((o3 / nullif(o4, 0)), 0))
        when 'gua_unified_public_fund_std'
            then case when o1 = o2 then 1.0 when not (o1 = o2) then 0.0 end
        when 'gua_unified_staffing_std'
            then case when o1 = o2 then 1.0 when not (o1 = o2) then 0.0 end
        when 'qua_balanced_recognition'
            then case when o1 > 0 then 1.0 when not (o1 > 0) then 0.0 end
        when 'qua_campus_culture_good'
            then case when o1 >= o2 then 1.0 when not (o1 >= o2) then 0.0 end
        when 'qua_connotation_project_coverage'
            then case when o1 > 0 then 1.0 when not (o1 > 0) then 0.0 end
        when 'qua_curriculum_complete'
            then case when o1 >= 0 then 1.0 when not (o1 >= 0) then 0.0 end
        when 'qua_moral_edu_good'
            then case when o1 >= o2 then 1.0 when not (o1 >= o2) then 0.0 end
        when 'qua_moral_project_share'
            then case when o1 > 0 then 1.0 when not (o1 > 0) then 0.0 end
        when 'qua_no_overload'
            then case when (o1 / nullif(o2, 0)) >= o3 then 1.0 when not ((o1 / nullif(o2, 0)) >= o3) then 0.0 end
        when 'qua_preschool_puhui_recognition'
            then case when o1 > 0 then 1.0 when not (o1 > 0) then 0.0 end
        when 'qua_school_charter_share'
            then case when o1 > 0 then 1.0 when not (o1 > 0) then 0.0 end
        when 'qua_school_mgmt_digital'
            then case when o1 >= o2 then 1.0 when not (o1 >= o2) then 0.0 end
        when 'res_kindergarten_rating_share'
            then case when o1 > 0 then 1.0 when not (o1 > 0) then 0.0 end
        when 'saf_psych_room_coverage'
            then case when o1 > 0 then 1.0 when not (o1 > 0) then 0.0 end
        when 'saf_safe_campus_share'
            then case when o1 > 0 then 1.0 when not (o1 > 0) then 0.0 end
        when 'tch_external_training_once_5y'
            then case when o1 > 0 then 1.0 when not (o1 > 0) then 0.0 end
        when 'tch_ideology_teacher_rotation_training'
            then case when o1 > 0 then 1.0 when not (o1 > 0) then 0.0 end
        when 'tch_shortage_subject_gap'
            then o1
        when 'tch_training_360h_completion'
            then case when o1 >= o2 then 1.0 when not (o1 >= o2) then 0.0 end
        when 'trn_all_staff_coverage'
            then case when o1 > 0 then 1.0 when not (o1 > 0) then 0.0 end
        when 'vet_exam_admission'
            then case when o1 > 0 then 1.0 when not (o1 > 0) then 0.0 end
        when 'vet_illegal_choice'
            then case when o1 > 0 then 1.0 when not (o1 > 0) then 0.0 end
        when 'vet_key_school'
            then case when o1 > 0 then 1.0 when not (o1 > 0) then 0.0 end
        when 'vet_major_incident'
            then case when (o1 > 0 or o2 > 0) then 1.0 when not ((o1 > 0 or o2 > 0)) then 0.0 end
        when 'vet_unfilled_posts'
            then case when (o1 > 0 or o2 > 0) then 1.0 when not ((o1 > 0 or o2 > 0)) then 0.0 end
    end as verdict
from {{ ref('int_condition_entity') }}
