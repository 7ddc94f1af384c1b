-- Candidates who reached a line.
with candidates as (
    select *, '一本(特控线)' as line from {{ ref('stg_gaokao_results__candidate') }}
    where reached_first_line = '是'
    union all
    select *, '本科线' as line from {{ ref('stg_gaokao_results__candidate') }}
    where reached_undergraduate_line = '是'
)

select
    base.region_code,
    base.period_type,
    base.period_id,
    base.school_code,
    base.entity_id,
    base.stage,
    base.urban_rural,
    base.grade,
    base.subject,
    base.exam_id,
    base.group_code,
    base.kind_code,
    base.kind2_code,
    base.subject_code,
    candidates.submission_id,
    candidates.sheet_name,
    candidates.row_number,
    cast(null as varchar) as column_letter
from {{ ref('int_measure_base__city') }} as base
inner join candidates
    on
        base.region_code = candidates.region_code
        and base.period_id = cast(candidates.calendar_year as varchar)
        and coalesce(base.school_code, '') = coalesce(candidates.school_code, '')
        and base.kind_code = candidates.line
where base.measure_code = 'gaokao_student_count'
