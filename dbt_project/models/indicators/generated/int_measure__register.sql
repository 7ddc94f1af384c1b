{# Compiled from the rows of the indicator catalogue by `python -m warehouse.terms --write`. Do not edit. #}
{{ config(meta={'zone': 'restricted'}) }}
with terms as (
    select
        term_code,
        measure_code,
        keeps_zero
    from {{ ref('term') }}
    where source_fact = 'register'
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
            when 'active_studio_count'
                then cast(b.group_code as varchar)
            when 'active_studio_count__3c32dbf4'
                then cast(b.group_code as varchar)
            when 'active_studio_count__52b14bf8'
                then cast(b.group_code as varchar)
            when 'active_studio_count__61d390fc'
                then cast(b.group_code as varchar)
            when 'active_studio_count__6527836e'
                then cast(b.group_code as varchar)
            when 'activity_count'
                then cast(b.group_code as varchar)
            when 'activity_count__00f9c031'
                then cast(b.group_code as varchar)
            when 'activity_count__1621dbd3'
                then cast(b.group_code as varchar)
            when 'activity_count__269578f5'
                then cast(b.group_code as varchar)
            when 'activity_count__2d0ae19b'
                then cast(b.group_code as varchar)
            when 'activity_count__3046ba89'
                then cast(b.group_code as varchar)
            when 'activity_count__5fc21f35'
                then cast(b.group_code as varchar)
            when 'activity_count__6cf468d2'
                then cast(b.group_code as varchar)
            when 'activity_count__828e3d2c'
                then cast(b.group_code as varchar)
            when 'activity_count__980158c6'
                then cast(b.quarter_no as varchar)
            when 'activity_count__a90d7e40'
                then cast(b.leader_code as varchar)
            when 'activity_count__b0fbedb0'
                then cast(b.group_code as varchar)
            when 'activity_count__dd2af60b'
                then cast(b.leader_code as varchar)
            when 'activity_count__e042be83'
                then cast(b.month_no as varchar)
            when 'activity_count__feb3f039'
                then cast(b.leader_code as varchar)
            when 'activity_participant_count'
                then cast(b.group_code as varchar)
            when 'activity_participant_count__6b6151d3'
                then cast(b.group_code as varchar)
            when 'audit_finding_count'
                then cast(b.group_code as varchar)
            when 'audit_finding_count__19fc0568'
                then cast(b.group_code as varchar)
            when 'gap_item_count'
                then cast(b.group_code as varchar)
            when 'gap_item_count__78d97d2d'
                then cast(b.group_code as varchar)
            when 'honour_award_count'
                then cast(b.group_code as varchar)
            when 'honour_award_count__17ad4660'
                then cast(b.group_code as varchar)
            when 'honour_award_count__181e51bb'
                then cast(b.group_code as varchar)
            when 'honour_award_count__38c47543'
                then cast(b.group_code as varchar)
            when 'honour_award_count__6622c76b'
                then cast(b.group_code as varchar)
            when 'honour_award_count__685baf25'
                then cast(b.group_code as varchar)
            when 'honour_award_count__830ba2e3'
                then cast(b.group_code as varchar)
            when 'honour_award_count__84be973d'
                then cast(b.group_code as varchar)
            when 'honour_award_count__87faa294'
                then cast(b.group_code as varchar)
            when 'honour_award_count__892c191d'
                then cast(b.group_code as varchar)
            when 'honour_award_count__9272f339'
                then cast(b.group_code as varchar)
            when 'honour_award_count__9a28a205'
                then cast(b.group_code as varchar)
            when 'honour_award_count__b3b647ab'
                then cast(b.group_code as varchar)
            when 'honour_award_count__beb0fac7'
                then cast(b.group_code as varchar)
            when 'honour_award_count__d936d26f'
                then cast(b.group_code as varchar)
            when 'incident_count'
                then cast(b.group_code as varchar)
            when 'incident_count__a9100e65'
                then cast(b.group_code as varchar)
            when 'incident_count__fee6ae09'
                then cast(b.group_code as varchar)
            when 'major_discipline_case_count'
                then cast(b.group_code as varchar)
            when 'milestone_done_count'
                then cast(b.group_code as varchar)
            when 'milestone_done_count__30e6d927'
                then cast(b.group_code as varchar)
            when 'project_completed_count'
                then cast(b.group_code as varchar)
            when 'project_completed_count__0f4b4931'
                then cast(b.group_code as varchar)
            when 'project_completed_count__39d4041e'
                then cast(b.group_code as varchar)
            when 'project_completed_count__8558a338'
                then cast(b.group_code as varchar)
            when 'project_completed_count__dc1277d6'
                then cast(b.group_code as varchar)
            when 'project_started_count'
                then cast(b.group_code as varchar)
            when 'project_started_count__2bd4e40b'
                then cast(b.group_code as varchar)
            when 'project_started_count__bf58a921'
                then cast(b.group_code as varchar)
            when 'recognition_count'
                then cast(b.group_code as varchar)
            when 'recognition_count__0889b862'
                then cast(b.group_code as varchar)
            when 'recognition_count__1ae3bfd5'
                then cast(b.group_code as varchar)
            when 'recognition_count__1b9d8aa9'
                then cast(b.group_code as varchar)
            when 'recognition_count__2bf4f753'
                then cast(b.group_code as varchar)
            when 'recognition_count__3688024f'
                then cast(b.group_code as varchar)
            when 'recognition_count__368eae55'
                then cast(b.group_code as varchar)
            when 'recognition_count__45d18aaf'
                then cast(b.group_code as varchar)
            when 'recognition_count__4beef030'
                then cast(b.group_code as varchar)
            when 'recognition_count__4eff7f39'
                then cast(b.group_code as varchar)
            when 'recognition_count__50494c3c'
                then cast(b.group_code as varchar)
            when 'recognition_count__6140763f'
                then cast(b.group_code as varchar)
            when 'recognition_count__6346f10c'
                then cast(b.group_code as varchar)
            when 'recognition_count__63bb2ed0'
                then cast(b.group_code as varchar)
            when 'recognition_count__64f00cfd'
                then cast(b.group_code as varchar)
            when 'recognition_count__80e4272a'
                then cast(b.group_code as varchar)
            when 'recognition_count__84d16c42'
                then cast(b.group_code as varchar)
            when 'recognition_count__9197b2e4'
                then cast(b.group_code as varchar)
            when 'recognition_count__a28ff994'
                then cast(b.group_code as varchar)
            when 'recognition_count__ac89d6d7'
                then cast(b.group_code as varchar)
            when 'recognition_count__b00b106c'
                then cast(b.group_code as varchar)
            when 'recognition_count__b43e56a8'
                then cast(b.group_code as varchar)
            when 'recognition_count__b8fa13bc'
                then cast(b.group_code as varchar)
            when 'recognition_count__baca0637'
                then cast(b.group_code as varchar)
            when 'recognition_count__be9e16cc'
                then cast(b.group_code as varchar)
            when 'recognition_count__ce8cab3c'
                then cast(b.group_code as varchar)
            when 'recognition_count__d4a3d398'
                then cast(b.group_code as varchar)
            when 'recognition_count__db0d99ee'
                then cast(b.group_code as varchar)
            when 'recognition_count__f84dab74'
                then cast(b.group_code as varchar)
            when 'studio_person_count'
                then cast(b.group_code as varchar)
            when 'studio_person_count__3c32dbf4'
                then cast(b.group_code as varchar)
            when 'violation_count'
                then cast(b.group_code as varchar)
            when 'violation_count__9f4d0a44'
                then cast(b.group_code as varchar)
            when 'violation_count__a10ca0bb'
                then cast(b.group_code as varchar)
            when 'violation_count__befdb0f4'
                then cast(b.group_code as varchar)
            when 'violation_count__f4d673b2'
                then cast(b.group_code as varchar)
            when 'violation_school_count'
                then cast(b.group_code as varchar)
            when 'violation_school_count__74eeaf38'
                then cast(b.group_code as varchar)
            else '_all'
        end as group_code,
        b.value as term_value,
        case t.term_code
            when 'active_studio_count' then coalesce(cast(b.is_valid as varchar), '') in ('Y')
            when 'active_studio_count__3c32dbf4'
                then
                    coalesce(cast(b.kind_code as varchar), '') in ('领军校长工作室')
                    and coalesce(cast(b.is_valid as varchar), '') in ('Y')
            when 'active_studio_count__52b14bf8'
                then
                    coalesce(cast(b.kind_code as varchar), '') in ('名校长工作室')
                    and coalesce(cast(b.level_code as varchar), '') in ('市级', '县级', '区级')
                    and coalesce(cast(b.is_valid as varchar), '') in ('Y')
            when 'active_studio_count__61d390fc'
                then
                    coalesce(cast(b.kind_code as varchar), '') in ('名师工作室')
                    and coalesce(cast(b.level_code as varchar), '') in ('市级', '县级', '区级')
                    and coalesce(cast(b.is_valid as varchar), '') in ('Y')
            when 'active_studio_count__6527836e'
                then
                    coalesce(cast(b.kind_code as varchar), '') in ('名师工作室')
                    and coalesce(cast(b.level_code as varchar), '') in ('市级')
                    and coalesce(cast(b.is_valid as varchar), '') in ('Y')
            when 'activity_count__00f9c031' then coalesce(cast(b.kind_code as varchar), '') in ('工作室年度考核')
            when 'activity_count__1621dbd3' then coalesce(cast(b.kind_code as varchar), '') in ('劳动周')
            when 'activity_count__269578f5' then coalesce(cast(b.kind_code as varchar), '') in ('教学常规视导')
            when 'activity_count__2d0ae19b' then coalesce(cast(b.kind_code as varchar), '') in ('校园文化艺术节')
            when 'activity_count__3046ba89' then coalesce(cast(b.kind_code as varchar), '') in ('运动会', '体育节')
            when 'activity_count__5fc21f35' then coalesce(cast(b.kind_code as varchar), '') in ('工作室到校培训')
            when 'activity_count__6cf468d2' then coalesce(cast(b.kind_code as varchar), '') in ('工作室集中培训')
            when 'activity_count__828e3d2c' then coalesce(cast(b.kind_code as varchar), '') in ('党外知识分子座谈会')
            when 'activity_count__980158c6' then coalesce(cast(b.kind_code as varchar), '') in ('专题研究教育教学')
            when 'activity_count__a90d7e40' then coalesce(cast(b.kind_code as varchar), '') in ('学校领导教学成绩检视')
            when 'activity_count__b0fbedb0' then coalesce(cast(b.kind_code as varchar), '') in ('成员单位述职考评')
            when 'activity_count__dd2af60b' then coalesce(cast(b.kind_code as varchar), '') in ('为联系学校办实事')
            when 'activity_count__e042be83' then coalesce(cast(b.kind_code as varchar), '') in ('区域联合教研')
            when 'activity_count__feb3f039' then coalesce(cast(b.kind_code as varchar), '') in ('区级领导联系学校调研')
            when 'activity_participant_count__6b6151d3' then coalesce(cast(b.kind_code as varchar), '') in ('选送学生交流')
            when 'audit_finding_count__19fc0568'
                then
                    coalesce(cast(b.kind_code as varchar), '') in ('挤占', '挪用', '滞拨', '缓拨')
            when 'gap_item_count__78d97d2d' then coalesce(cast(b.kind2_code as varchar), '') in ('销号')
            when 'honour_award_count__17ad4660'
                then
                    coalesce(cast(b.kind_code as varchar), '') in ('名优教师')
                    and coalesce(cast(b.level_code as varchar), '') in ('区级', '县级')
                    and coalesce(cast(b.is_new as varchar), '') in ('是')
            when 'honour_award_count__181e51bb'
                then
                    coalesce(cast(b.kind_code as varchar), '') in ('名校长')
                    and coalesce(cast(b.level_code as varchar), '') in ('区级', '县级')
                    and coalesce(cast(b.is_new as varchar), '') in ('是')
            when 'honour_award_count__38c47543'
                then
                    coalesce(cast(b.kind_code as varchar), '') in ('乡村从教10年', '乡村从教20年', '乡村从教30年')
            when 'honour_award_count__6622c76b' then coalesce(cast(b.kind_code as varchar), '') in ('兴江教学名师')
            when 'honour_award_count__685baf25' then coalesce(cast(b.kind_code as varchar), '') in ('骨干教师')
            when 'honour_award_count__830ba2e3'
                then
                    coalesce(cast(b.kind_code as varchar), '') in ('优秀教师表彰')
                    and coalesce(cast(b.level_code as varchar), '') in ('县级', '区级')
            when 'honour_award_count__84be973d' then coalesce(cast(b.kind_code as varchar), '') in ('特级教师')
            when 'honour_award_count__87faa294' then coalesce(cast(b.kind_code as varchar), '') in ('学科带头人')
            when 'honour_award_count__892c191d' then coalesce(cast(b.kind_code as varchar), '') in ('正高级教师')
            when 'honour_award_count__9272f339'
                then
                    coalesce(cast(b.kind_code as varchar), '') in ('学科名师')
                    and coalesce(cast(b.level_code as varchar), '') in ('市级')
            when 'honour_award_count__9a28a205'
                then
                    coalesce(cast(b.kind_code as varchar), '') in ('名优教师')
                    and coalesce(cast(b.level_code as varchar), '') in ('市级')
                    and coalesce(cast(b.is_new as varchar), '') in ('是')
            when 'honour_award_count__b3b647ab'
                then
                    coalesce(cast(b.kind_code as varchar), '') in ('名校长')
                    and coalesce(cast(b.level_code as varchar), '') in ('市级')
                    and coalesce(cast(b.is_new as varchar), '') in ('是')
            when 'honour_award_count__beb0fac7' then coalesce(cast(b.kind_code as varchar), '') in ('骨干班主任', '名班主任')
            when 'honour_award_count__d936d26f'
                then
                    coalesce(cast(b.kind_code as varchar), '') in ('名优教师')
                    and coalesce(cast(b.level_code as varchar), '') in ('省级')
                    and coalesce(cast(b.is_new as varchar), '') in ('是')
            when 'incident_count__a9100e65' then coalesce(cast(b.kind_code as varchar), '') in ('食品安全')
            when 'incident_count__fee6ae09'
                then
                    coalesce(cast(b.kind2_code as varchar), '') in ('重大', '特别重大')
                    and coalesce(cast(b.level_code as varchar), '') in ('责任事故')
            when 'milestone_done_count__30e6d927'
                then
                    coalesce(cast(b.kind_code as varchar), '') in ('履行教育职责督导评估')
                    and coalesce(cast(b.kind2_code as varchar), '') in ('通过')
            when 'project_completed_count__0f4b4931'
                then
                    coalesce(cast(b.kind_code as varchar), '') in ('新建', '扩建', '改建')
            when 'project_completed_count__39d4041e'
                then
                    coalesce(cast(b.kind_code as varchar), '') in ('新建')
                    and coalesce(cast(b.stage as varchar), '') in ('primary')
            when 'project_completed_count__8558a338' then coalesce(cast(b.category_code as varchar), '') in ('照明改造')
            when 'project_completed_count__dc1277d6' then coalesce(cast(b.category_code as varchar), '') in ('配齐教育装备')
            when 'project_place_count__14dad64a'
                then
                    coalesce(cast(b.stage as varchar), '') in ('primary', 'junior')
                    and coalesce(cast(b.urban_rural_name as varchar), '') in ('城区')
                    and coalesce(cast(b.kind2_code as varchar), '') in ('完工')
            when 'project_place_count__6e00bd1d'
                then
                    coalesce(cast(b.stage as varchar), '') in ('primary')
                    and coalesce(cast(b.kind2_code as varchar), '') in ('完工')
            when 'project_place_count__debe6ba2'
                then
                    coalesce(cast(b.stage as varchar), '') in ('preschool')
                    and coalesce(cast(b.ownership as varchar), '') in ('公办')
                    and coalesce(cast(b.kind2_code as varchar), '') in ('完工')
            when 'project_started_count__2bd4e40b'
                then
                    coalesce(cast(b.kind_code as varchar), '') in ('新建', '改扩建')
                    and coalesce(cast(b.stage as varchar), '') in ('preschool')
                    and coalesce(cast(b.ownership as varchar), '') in ('公办')
            when 'project_started_count__bf58a921'
                then
                    coalesce(cast(b.kind_code as varchar), '') in ('新建')
                    and coalesce(cast(b.stage as varchar), '') in ('special')
            when 'recognition_count' then coalesce(cast(b.is_valid as varchar), '') in ('Y')
            when 'recognition_count__0889b862'
                then
                    coalesce(cast(b.kind_code as varchar), '') in ('新优质学校')
                    and coalesce(cast(b.is_new as varchar), '') in ('是')
            when 'recognition_count__1ae3bfd5'
                then
                    coalesce(cast(b.kind_code as varchar), '') in ('青少年校园足球特色学校')
                    and coalesce(cast(b.level_code as varchar), '') in ('国家级')
                    and coalesce(cast(b.is_new as varchar), '') in ('是')
            when 'recognition_count__1b9d8aa9'
                then
                    coalesce(cast(b.kind_code as varchar), '') in ('微型课题')
                    and coalesce(cast(b.is_valid as varchar), '') in ('Y')
            when 'recognition_count__2bf4f753'
                then
                    coalesce(cast(b.kind_code as varchar), '') in ('引进专家团队')
                    and coalesce(cast(b.is_valid as varchar), '') in ('Y')
            when 'recognition_count__3688024f'
                then
                    coalesce(cast(b.kind_code as varchar), '') in ('E课堂优质课')
                    and coalesce(cast(b.is_valid as varchar), '') in ('Y')
            when 'recognition_count__368eae55'
                then
                    coalesce(cast(b.kind_code as varchar), '') in ('领军校长工作室')
                    and coalesce(cast(b.is_new as varchar), '') in ('是')
            when 'recognition_count__45d18aaf'
                then
                    coalesce(cast(b.kind_code as varchar), '') in ('创新实践学校')
                    and coalesce(cast(b.is_valid as varchar), '') in ('Y')
            when 'recognition_count__4beef030'
                then
                    coalesce(cast(b.kind_code as varchar), '') in ('德育工程项目')
                    and coalesce(cast(b.is_valid as varchar), '') in ('Y')
            when 'recognition_count__4eff7f39'
                then
                    coalesce(cast(b.kind_code as varchar), '') in ('劳动教育综合实践基地')
                    and coalesce(cast(b.level_code as varchar), '') in ('市级')
                    and coalesce(cast(b.is_new as varchar), '') in ('是')
            when 'recognition_count__50494c3c'
                then
                    coalesce(cast(b.kind_code as varchar), '') in ('心理健康教育特色学校')
                    and coalesce(cast(b.level_code as varchar), '') in ('市级')
                    and coalesce(cast(b.is_new as varchar), '') in ('是')
            when 'recognition_count__6140763f'
                then
                    coalesce(cast(b.kind_code as varchar), '') in ('义务教育优质均衡发展县')
                    and coalesce(cast(b.entity_kind as varchar), '') in ('县')
                    and coalesce(cast(b.is_valid as varchar), '') in ('Y')
            when 'recognition_count__6346f10c'
                then
                    coalesce(cast(b.kind_code as varchar), '') in ('教科研课题')
                    and coalesce(cast(b.level_code as varchar), '') in ('县级', '区级')
                    and coalesce(cast(b.is_new as varchar), '') in ('是')
            when 'recognition_count__63bb2ed0'
                then
                    coalesce(cast(b.kind_code as varchar), '') in ('劳动特色学校')
                    and coalesce(cast(b.level_code as varchar), '') in ('市级')
                    and coalesce(cast(b.is_new as varchar), '') in ('是')
            when 'recognition_count__64f00cfd'
                then
                    coalesce(cast(b.kind_code as varchar), '') in ('智慧校园示范学校')
                    and coalesce(cast(b.level_code as varchar), '') in ('市级')
                    and coalesce(cast(b.is_valid as varchar), '') in ('Y')
            when 'recognition_count__80e4272a'
                then
                    coalesce(cast(b.kind_code as varchar), '') in ('平安校园')
                    and coalesce(cast(b.level_code as varchar), '') in ('省级', '市级')
                    and coalesce(cast(b.is_valid as varchar), '') in ('Y')
            when 'recognition_count__84d16c42'
                then
                    coalesce(cast(b.kind_code as varchar), '') in ('幼儿园办园水平等级')
                    and coalesce(cast(b.is_valid as varchar), '') in ('Y')
            when 'recognition_count__9197b2e4'
                then
                    coalesce(cast(b.kind_code as varchar), '') in ('特色专业')
                    and coalesce(cast(b.level_code as varchar), '') in ('省级')
                    and coalesce(cast(b.is_valid as varchar), '') in ('Y')
            when 'recognition_count__a28ff994'
                then
                    coalesce(cast(b.kind_code as varchar), '') in ('体育特色学校')
                    and coalesce(cast(b.level_code as varchar), '') in ('区级', '县级')
                    and coalesce(cast(b.is_new as varchar), '') in ('是')
            when 'recognition_count__ac89d6d7'
                then
                    coalesce(cast(b.kind_code as varchar), '') in ('教科研课题')
                    and coalesce(cast(b.level_code as varchar), '') in ('市级')
                    and coalesce(cast(b.is_new as varchar), '') in ('是')
            when 'recognition_count__b00b106c'
                then
                    coalesce(cast(b.kind_code as varchar), '') in ('学校章程核准')
                    and coalesce(cast(b.is_valid as varchar), '') in ('Y')
            when 'recognition_count__b43e56a8'
                then
                    coalesce(cast(b.kind_code as varchar), '') in ('学校内涵建设项目')
                    and coalesce(cast(b.is_valid as varchar), '') in ('Y')
            when 'recognition_count__b8fa13bc'
                then
                    coalesce(cast(b.kind_code as varchar), '') in ('教科研项目(课题)')
                    and coalesce(cast(b.is_valid as varchar), '') in ('Y')
            when 'recognition_count__baca0637'
                then
                    coalesce(cast(b.kind_code as varchar), '') in ('示范心理辅导室')
                    and coalesce(cast(b.level_code as varchar), '') in ('市级')
                    and coalesce(cast(b.is_new as varchar), '') in ('是')
            when 'recognition_count__be9e16cc'
                then
                    coalesce(cast(b.kind_code as varchar), '') in ('名校网络课堂示范学校')
                    and coalesce(cast(b.level_code as varchar), '') in ('市级')
                    and coalesce(cast(b.is_valid as varchar), '') in ('Y')
            when 'recognition_count__ce8cab3c'
                then
                    coalesce(cast(b.kind_code as varchar), '') in ('学前教育普及普惠县')
                    and coalesce(cast(b.entity_kind as varchar), '') in ('县')
                    and coalesce(cast(b.is_valid as varchar), '') in ('Y')
            when 'recognition_count__d4a3d398'
                then
                    coalesce(cast(b.kind_code as varchar), '') in ('优秀心理辅导室')
                    and coalesce(cast(b.level_code as varchar), '') in ('市级')
                    and coalesce(cast(b.is_new as varchar), '') in ('是')
            when 'recognition_count__db0d99ee'
                then
                    coalesce(cast(b.kind_code as varchar), '') in ('体育特色学校')
                    and coalesce(cast(b.level_code as varchar), '') in ('省级')
                    and coalesce(cast(b.is_new as varchar), '') in ('是')
            when 'recognition_count__f84dab74'
                then
                    coalesce(cast(b.kind_code as varchar), '') in ('优质校')
                    and coalesce(cast(b.is_new as varchar), '') in ('是')
            when 'studio_person_count' then coalesce(cast(b.is_valid as varchar), '') in ('Y')
            when 'studio_person_count__3c32dbf4'
                then
                    coalesce(cast(b.kind_code as varchar), '') in ('领军校长工作室')
                    and coalesce(cast(b.is_valid as varchar), '') in ('Y')
            when 'violation_count__9f4d0a44'
                then
                    coalesce(cast(b.kind_code as varchar), '') in ('重点学校或重点班')
                    and coalesce(cast(b.kind2_code as varchar), '') in ('属实')
            when 'violation_count__a10ca0bb'
                then
                    coalesce(cast(b.kind_code as varchar), '') in ('师德失范')
                    and coalesce(cast(b.kind2_code as varchar), '') in ('属实')
            when 'violation_count__befdb0f4'
                then
                    coalesce(cast(b.kind_code as varchar), '') in ('违规择校')
                    and coalesce(cast(b.kind2_code as varchar), '') in ('属实')
            when 'violation_count__f4d673b2'
                then
                    coalesce(cast(b.kind_code as varchar), '') in ('以考试方式招生')
                    and coalesce(cast(b.kind2_code as varchar), '') in ('属实')
            when 'violation_school_count__74eeaf38'
                then
                    coalesce(cast(b.kind_code as varchar), '') in ('不均衡分班')
                    and coalesce(cast(b.kind2_code as varchar), '') in ('属实')
            else true
        end as is_match
    from {{ ref('int_measure_base__register') }} as b
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
