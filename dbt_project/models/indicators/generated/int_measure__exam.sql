{# Compiled from the rows of the indicator catalogue by `python -m warehouse.terms --write`. Do not edit. #}
{{ config(meta={'zone': 'restricted'}) }}
with terms as (
    select term_code, measure_code, keeps_zero
    from {{ ref('term') }}
    where source_fact = 'exam'
),

picked as (
    select
        t.term_code, t.measure_code, t.keeps_zero,
        b.region_code, b.entity_type, b.school_code, b.entity_id, b.period_type, b.period_id, b.stage, b.urban_rural,
        b.grade, b.subject, b.exam_id, b.submission_id,
        '_all' as group_code,
        case t.term_code
            when 'exam_denominator_count' then cast(b.n_denominator as decimal(28, 10))
            when 'exam_denominator_count__0d2fdb66' then cast(b.n_denominator as decimal(28, 10))
            when 'exam_denominator_count__772fdf2c' then cast(b.n_denominator as decimal(28, 10))
            when 'exam_denominator_count__f85a5415' then cast(b.n_denominator as decimal(28, 10))
            when 'exam_excellent_count' then cast(b.n_excellent as decimal(28, 10))
            when 'exam_low_count' then cast(b.n_low as decimal(28, 10))
            when 'exam_pass_count' then cast(b.n_pass as decimal(28, 10))
            when 'exam_score_sum' then cast(b.score_sum as decimal(28, 10))
            when 'exam_score_sum__0d2fdb66' then cast(b.score_sum as decimal(28, 10))
            when 'exam_score_sum__772fdf2c' then cast(b.score_sum as decimal(28, 10))
            when 'exam_score_sum__7becf152' then cast(b.score_sum as decimal(28, 10))
            when 'exam_score_sum__f85a5415' then cast(b.score_sum as decimal(28, 10))
            when 'exam_score_sumsq' then cast(b.score_sumsq as decimal(28, 10))
            when 'exam_scored_count' then cast(b.n_scored as decimal(28, 10))
            when 'exam_scored_count__7becf152' then cast(b.n_scored as decimal(28, 10))
            when 'exam_zscore_sum' then cast(b.zscore_sum as decimal(28, 10))
        end as term_value,
        case t.term_code
            when 'exam_denominator_count__0d2fdb66' then cast(b.exam_type as varchar) = '中考'
            when 'exam_denominator_count__772fdf2c'
                then cast(b.stage as varchar) = 'primary' and cast(b.subject as varchar) = '总分'
            when 'exam_denominator_count__f85a5415'
                then cast(b.exam_type as varchar) = '小学毕业考试' and cast(b.grade as varchar) = '6'
            when 'exam_score_sum__0d2fdb66' then cast(b.exam_type as varchar) = '中考'
            when 'exam_score_sum__772fdf2c'
                then cast(b.stage as varchar) = 'primary' and cast(b.subject as varchar) = '总分'
            when 'exam_score_sum__7becf152'
                then cast(b.exam_type as varchar) = '三校生高考' and cast(b.subject as varchar) = '总分'
            when 'exam_score_sum__f85a5415'
                then cast(b.exam_type as varchar) = '小学毕业考试' and cast(b.grade as varchar) = '6'
            when 'exam_scored_count__7becf152'
                then cast(b.exam_type as varchar) = '三校生高考' and cast(b.subject as varchar) = '总分'
            else true
        end as is_match
    from {{ ref('int_measure_base__exam') }} as b
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
