{# Compiled from the rows of the indicator catalogue by `python -m warehouse.terms --write`. Do not edit. #}
{{ config(meta={'zone': 'restricted'}) }}
with terms as (
    select term_code, measure_code, keeps_zero
    from {{ ref('term') }}
    where source_fact = 'register' and measure_code = 'recognition_count'
),

picked as (
    select
        t.term_code, t.measure_code, t.keeps_zero,
        b.region_code, b.entity_type, b.school_code, b.entity_id, b.period_type, b.period_id, b.stage, b.urban_rural,
        b.grade, b.subject, b.exam_id, b.submission_id,
        cast(b.group_code as varchar) as group_code,
        b.value as term_value,
        case t.term_code
            when 'recognition_count' then b.is_valid = 'Y'
            when 'recognition_count__0889b862' then b.kind_code = '新优质学校' and b.is_new = '是'
            when 'recognition_count__1ae3bfd5'
                then b.kind_code = '青少年校园足球特色学校' and b.level_code = '国家级' and b.is_new = '是'
            when 'recognition_count__1b9d8aa9' then b.kind_code = '微型课题' and b.is_valid = 'Y'
            when 'recognition_count__2bf4f753' then b.kind_code = '引进专家团队' and b.is_valid = 'Y'
            when 'recognition_count__3688024f' then b.kind_code = 'E课堂优质课' and b.is_valid = 'Y'
            when 'recognition_count__368eae55' then b.kind_code = '领军校长工作室' and b.is_new = '是'
            when 'recognition_count__45d18aaf' then b.kind_code = '创新实践学校' and b.is_valid = 'Y'
            when 'recognition_count__4beef030' then b.kind_code = '德育工程项目' and b.is_valid = 'Y'
            when 'recognition_count__4eff7f39'
                then b.kind_code = '劳动教育综合实践基地' and b.level_code = '市级' and b.is_new = '是'
            when 'recognition_count__50494c3c'
                then b.kind_code = '心理健康教育特色学校' and b.level_code = '市级' and b.is_new = '是'
            when 'recognition_count__6140763f'
                then b.kind_code = '义务教育优质均衡发展县' and b.entity_kind = '县' and b.is_valid = 'Y'
            when 'recognition_count__6346f10c'
                then b.kind_code = '教科研课题' and b.level_code in ('县级', '区级') and b.is_new = '是'
            when 'recognition_count__63bb2ed0' then b.kind_code = '劳动特色学校' and b.level_code = '市级' and b.is_new = '是'
            when 'recognition_count__64f00cfd'
                then b.kind_code = '智慧校园示范学校' and b.level_code = '市级' and b.is_valid = 'Y'
            when 'recognition_count__80e4272a'
                then b.kind_code = '平安校园' and b.level_code in ('省级', '市级') and b.is_valid = 'Y'
            when 'recognition_count__84d16c42' then b.kind_code = '幼儿园办园水平等级' and b.is_valid = 'Y'
            when 'recognition_count__9197b2e4' then b.kind_code = '特色专业' and b.level_code = '省级' and b.is_valid = 'Y'
            when 'recognition_count__a28ff994'
                then b.kind_code = '体育特色学校' and b.level_code in ('区级', '县级') and b.is_new = '是'
            when 'recognition_count__ac89d6d7' then b.kind_code = '教科研课题' and b.level_code = '市级' and b.is_new = '是'
            when 'recognition_count__b00b106c' then b.kind_code = '学校章程核准' and b.is_valid = 'Y'
            when 'recognition_count__b43e56a8' then b.kind_code = '学校内涵建设项目' and b.is_valid = 'Y'
            when 'recognition_count__b8fa13bc' then b.kind_code = '教科研项目(课题)' and b.is_valid = 'Y'
            when 'recognition_count__baca0637' then b.kind_code = '示范心理辅导室' and b.level_code = '市级' and b.is_new = '是'
            when 'recognition_count__be9e16cc'
                then b.kind_code = '名校网络课堂示范学校' and b.level_code = '市级' and b.is_valid = 'Y'
            when 'recognition_count__ce8cab3c'
                then b.kind_code = '学前教育普及普惠县' and b.entity_kind = '县' and b.is_valid = 'Y'
            when 'recognition_count__d4a3d398' then b.kind_code = '优秀心理辅导室' and b.level_code = '市级' and b.is_new = '是'
            when 'recognition_count__db0d99ee' then b.kind_code = '体育特色学校' and b.level_code = '省级' and b.is_new = '是'
            when 'recognition_count__f84dab74' then b.kind_code = '优质校' and b.is_new = '是'
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
