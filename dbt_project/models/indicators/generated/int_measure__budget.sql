{# Compiled from the rows of the indicator catalogue by `python -m warehouse.terms --write`. Do not edit. #}
{{ config(meta={'zone': 'restricted'}) }}
with terms as (
    select term_code, measure_code, keeps_zero
    from {{ ref('term') }}
    where source_fact = 'budget'
),

picked as (
    select
        t.term_code, t.measure_code, t.keeps_zero,
        b.region_code, b.entity_type, b.school_code, b.entity_id, b.period_type, b.period_id, b.stage, b.urban_rural,
        b.grade, b.subject, b.exam_id, b.submission_id,
        '_all' as group_code,
        case t.term_code
            when 'budget_yuan' then cast(b.amount_yuan as decimal(28, 10))
            when 'budget_yuan__527ba23a' then cast(b.amount_yuan as decimal(28, 10))
            when 'budget_yuan__7e095c57' then cast(b.amount_yuan as decimal(28, 10))
            when 'budget_yuan__93259bd7' then cast(b.amount_yuan as decimal(28, 10))
            when 'budget_yuan__ac0d1239' then cast(b.amount_yuan as decimal(28, 10))
            when 'budget_yuan__ba6333e4' then cast(b.amount_yuan as decimal(28, 10))
            when 'budget_yuan__c0d3926f' then cast(b.amount_yuan as decimal(28, 10))
            when 'budget_yuan__c9ea20a9' then cast(b.amount_yuan as decimal(28, 10))
            when 'budget_yuan__ddc6dc29' then cast(b.amount_yuan as decimal(28, 10))
        end as term_value,
        case t.term_code
            when 'budget_yuan' then cast(b.is_current_version as varchar) = 'Y' and cast(b.is_leaf as varchar) = 'Y'
            when 'budget_yuan__527ba23a'
                then
                    cast(b.project_category as varchar) = '校长创新实践'
                    and cast(b.is_leaf as varchar) = 'Y'
                    and cast(b.is_current_version as varchar) = 'Y'
            when 'budget_yuan__7e095c57'
                then
                    cast(b.project_category as varchar) = '师训费'
                    and cast(b.fund_source_name as varchar) = '县级财政'
                    and cast(b.budget_version as varchar) = '年初预算'
                    and cast(b.is_leaf as varchar) = 'Y'
            when 'budget_yuan__93259bd7'
                then cast(b.budget_version as varchar) = '调整预算' and cast(b.is_leaf as varchar) = 'Y'
            when 'budget_yuan__ac0d1239'
                then
                    cast(b.project_category as varchar) = '教师培训'
                    and cast(b.is_leaf as varchar) = 'Y'
                    and cast(b.is_current_version as varchar) = 'Y'
            when 'budget_yuan__ba6333e4'
                then
                    cast(b.project_category as varchar) = '校园文化'
                    and cast(b.is_leaf as varchar) = 'Y'
                    and cast(b.is_current_version as varchar) = 'Y'
            when 'budget_yuan__c0d3926f'
                then
                    cast(b.project_category as varchar) = '奖学金'
                    and cast(b.is_leaf as varchar) = 'Y'
                    and cast(b.is_current_version as varchar) = 'Y'
            when 'budget_yuan__c9ea20a9'
                then
                    cast(b.project_category as varchar) = '教研专项'
                    and cast(b.budget_version as varchar) = '年初预算'
                    and cast(b.is_leaf as varchar) = 'Y'
            when 'budget_yuan__ddc6dc29'
                then
                    cast(b.project_category as varchar) = '义务教育发展专项'
                    and cast(b.fund_source_name as varchar) = '市级财政'
                    and cast(b.budget_version as varchar) = '年初预算'
                    and cast(b.is_leaf as varchar) = 'Y'
            else true
        end as is_match
    from {{ ref('int_measure_base__budget') }} as b
    cross join terms as t
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
