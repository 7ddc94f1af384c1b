{# Compiled from the rows of the indicator catalogue by `python -m warehouse.terms --write`. Do not edit. #}
{{ config(meta={'zone': 'restricted'}) }}
with terms as (
    select term_code, measure_code, keeps_zero
    from {{ ref('term') }}
    where
        source_fact = 'register'
        and measure_code in (
            'active_studio_count',
            'activity_count',
            'activity_participant_count',
            'audit_finding_count',
            'gap_item_count',
            'honour_award_count',
            'incident_count',
            'major_discipline_case_count',
            'milestone_done_count',
            'project_completed_count',
            'project_floor_area_m2',
            'project_place_count',
            'project_planned_yuan',
            'project_sports_area_m2',
            'project_started_count',
            'studio_person_count',
            'violation_count',
            'violation_school_count'
        )
),

picked as (
    select
        t.term_code, t.measure_code, t.keeps_zero,
        b.region_code, b.entity_type, b.school_code, b.entity_id, b.period_type, b.period_id, b.stage, b.urban_rural,
        b.grade, b.subject, b.exam_id, b.submission_id,
        case t.term_code
            when 'activity_count__980158c6' then cast(b.quarter_no as varchar)
            when 'activity_count__a90d7e40' then cast(b.leader_code as varchar)
            when 'activity_count__dd2af60b' then cast(b.leader_code as varchar)
            when 'activity_count__e042be83' then cast(b.month_no as varchar)
            when 'activity_count__feb3f039' then cast(b.leader_code as varchar)
            when 'project_floor_area_m2' then '_all'
            when 'project_place_count' then '_all'
            when 'project_place_count__14dad64a' then '_all'
            when 'project_place_count__6e00bd1d' then '_all'
            when 'project_place_count__debe6ba2' then '_all'
            when 'project_planned_yuan' then '_all'
            when 'project_sports_area_m2' then '_all'
            else cast(b.group_code as varchar)
        end as group_code,
        b.value as term_value,
        case t.term_code
            when 'active_studio_count' then b.is_valid = 'Y'
            when 'active_studio_count__3c32dbf4' then b.kind_code = '领军校长工作室' and b.is_valid = 'Y'
            when 'active_studio_count__52b14bf8'
                then b.kind_code = '名校长工作室' and b.level_code in ('市级', '县级', '区级') and b.is_valid = 'Y'
            when 'active_studio_count__61d390fc'
                then b.kind_code = '名师工作室' and b.level_code in ('市级', '县级', '区级') and b.is_valid = 'Y'
            when 'active_studio_count__6527836e' then b.kind_code = '名师工作室' and b.level_code = '市级' and b.is_valid = 'Y'
            when 'activity_count__00f9c031' then b.kind_code = '工作室年度考核'
            when 'activity_count__1621dbd3' then b.kind_code = '劳动周'
            when 'activity_count__269578f5' then b.kind_code = '教学常规视导'
            when 'activity_count__2d0ae19b' then b.kind_code = '校园文化艺术节'
            when 'activity_count__3046ba89' then b.kind_code in ('运动会', '体育节')
            when 'activity_count__5fc21f35' then b.kind_code = '工作室到校培训'
            when 'activity_count__6cf468d2' then b.kind_code = '工作室集中培训'
            when 'activity_count__828e3d2c' then b.kind_code = '党外知识分子座谈会'
            when 'activity_count__980158c6' then b.kind_code = '专题研究教育教学'
            when 'activity_count__a90d7e40' then b.kind_code = '学校领导教学成绩检视'
            when 'activity_count__b0fbedb0' then b.kind_code = '成员单位述职考评'
            when 'activity_count__dd2af60b' then b.kind_code = '为联系学校办实事'
            when 'activity_count__e042be83' then b.kind_code = '区域联合教研'
            when 'activity_count__feb3f039' then b.kind_code = '区级领导联系学校调研'
            when 'activity_participant_count__6b6151d3' then b.kind_code = '选送学生交流'
            when 'audit_finding_count__19fc0568' then b.kind_code in ('挤占', '挪用', '滞拨', '缓拨')
            when 'gap_item_count__78d97d2d' then b.kind2_code = '销号'
            when 'honour_award_count__17ad4660'
                then b.kind_code = '名优教师' and b.level_code in ('区级', '县级') and b.is_new = '是'
            when 'honour_award_count__181e51bb'
                then b.kind_code = '名校长' and b.level_code in ('区级', '县级') and b.is_new = '是'
            when 'honour_award_count__38c47543' then b.kind_code in ('乡村从教10年', '乡村从教20年', '乡村从教30年')
            when 'honour_award_count__6622c76b' then b.kind_code = '兴江教学名师'
            when 'honour_award_count__685baf25' then b.kind_code = '骨干教师'
            when 'honour_award_count__830ba2e3' then b.kind_code = '优秀教师表彰' and b.level_code in ('县级', '区级')
            when 'honour_award_count__84be973d' then b.kind_code = '特级教师'
            when 'honour_award_count__87faa294' then b.kind_code = '学科带头人'
            when 'honour_award_count__892c191d' then b.kind_code = '正高级教师'
            when 'honour_award_count__9272f339' then b.kind_code = '学科名师' and b.level_code = '市级'
            when 'honour_award_count__9a28a205' then b.kind_code = '名优教师' and b.level_code = '市级' and b.is_new = '是'
            when 'honour_award_count__b3b647ab' then b.kind_code = '名校长' and b.level_code = '市级' and b.is_new = '是'
            when 'honour_award_count__beb0fac7' then b.kind_code in ('骨干班主任', '名班主任')
            when 'honour_award_count__d936d26f' then b.kind_code = '名优教师' and b.level_code = '省级' and b.is_new = '是'
            when 'incident_count__a9100e65' then b.kind_code = '食品安全'
            when 'incident_count__fee6ae09' then b.kind2_code in ('重大', '特别重大') and b.level_code = '责任事故'
            when 'milestone_done_count__30e6d927' then b.kind_code = '履行教育职责督导评估' and b.kind2_code = '通过'
            when 'project_completed_count__0f4b4931' then b.kind_code in ('新建', '扩建', '改建')
            when 'project_completed_count__39d4041e' then b.kind_code = '新建' and b.stage = 'primary'
            when 'project_completed_count__8558a338' then b.category_code = '照明改造'
            when 'project_completed_count__dc1277d6' then b.category_code = '配齐教育装备'
            when 'project_place_count__14dad64a'
                then b.stage in ('primary', 'junior') and b.urban_rural_name = '城区' and b.kind2_code = '完工'
            when 'project_place_count__6e00bd1d' then b.stage = 'primary' and b.kind2_code = '完工'
            when 'project_place_count__debe6ba2'
                then b.stage = 'preschool' and b.ownership = '公办' and b.kind2_code = '完工'
            when 'project_started_count__2bd4e40b'
                then b.kind_code in ('新建', '改扩建') and b.stage = 'preschool' and b.ownership = '公办'
            when 'project_started_count__bf58a921' then b.kind_code = '新建' and b.stage = 'special'
            when 'studio_person_count' then b.is_valid = 'Y'
            when 'studio_person_count__3c32dbf4' then b.kind_code = '领军校长工作室' and b.is_valid = 'Y'
            when 'violation_count__9f4d0a44' then b.kind_code = '重点学校或重点班' and b.kind2_code = '属实'
            when 'violation_count__a10ca0bb' then b.kind_code = '师德失范' and b.kind2_code = '属实'
            when 'violation_count__befdb0f4' then b.kind_code = '违规择校' and b.kind2_code = '属实'
            when 'violation_count__f4d673b2' then b.kind_code = '以考试方式招生' and b.kind2_code = '属实'
            when 'violation_school_count__74eeaf38' then b.kind_code = '不均衡分班' and b.kind2_code = '属实'
            else true
        end as is_match
    from {{ ref('int_measure_base__register') }} as b
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
