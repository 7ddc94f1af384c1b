{# Compiled from the rows of the indicator catalogue by `python -m warehouse.terms --write`. Do not edit. #}
{{ config(meta={'zone': 'restricted'}) }}
with terms as (
    select term_code, measure_code, keeps_zero
    from {{ ref('term') }}
    where source_fact = 'city'
),

picked as (
    select
        t.term_code, t.measure_code, t.keeps_zero,
        b.region_code, b.entity_type, b.school_code, b.entity_id, b.period_type, b.period_id, b.stage, b.urban_rural,
        b.grade, b.subject, b.exam_id, b.submission_id,
        case t.term_code
            when 'assessment_score' then cast(b.kind_code as varchar)
            when 'competition_city_rank' then cast(b.group_code as varchar)
            when 'peer_gaokao_student_count__229104c7' then cast(b.group_code as varchar)
            when 'peer_gaokao_student_count__39d760ff' then cast(b.group_code as varchar)
            when 'peer_score_sum__0d2fdb66' then cast(b.group_code || '/' || b.subject_code as varchar)
            when 'peer_score_sum__16e981af' then cast(b.group_code || '/' || b.subject_code as varchar)
            when 'peer_score_sum__f85a5415' then cast(b.group_code || '/' || b.subject_code as varchar)
            when 'peer_scored_count__0d2fdb66' then cast(b.group_code || '/' || b.subject_code as varchar)
            when 'peer_scored_count__16e981af' then cast(b.group_code || '/' || b.subject_code as varchar)
            when 'peer_scored_count__f85a5415' then cast(b.group_code || '/' || b.subject_code as varchar)
            else '_all'
        end as group_code,
        b.value as term_value,
        case t.term_code
            when 'gaokao_student_count__229104c7' then b.kind_code = '一本(特控线)'
            when 'gaokao_student_count__39d760ff' then b.kind_code = '本科线'
            when 'peer_gaokao_student_count__229104c7' then b.kind_code = '一本(特控线)'
            when 'peer_gaokao_student_count__39d760ff' then b.kind_code = '本科线'
            when 'peer_score_sum__0d2fdb66' then b.kind_code = '中考'
            when 'peer_score_sum__16e981af' then b.kind_code in ('初中学业水平考试', '市抽测')
            when 'peer_score_sum__f85a5415' then b.kind_code = '小学毕业考试' and b.kind2_code = '6'
            when 'peer_scored_count__0d2fdb66' then b.kind_code = '中考'
            when 'peer_scored_count__16e981af' then b.kind_code in ('初中学业水平考试', '市抽测')
            when 'peer_scored_count__f85a5415' then b.kind_code = '小学毕业考试' and b.kind2_code = '6'
            when 'ranked_school_count__ece0c4f4' then b.kind_code = '中考综合素质' and b.kind2_code = '前100名'
            else true
        end as is_match
    from {{ ref('int_measure_base__city') }} as b
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
