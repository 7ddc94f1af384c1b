-- The two snapshots behind a fiscal year's average of pupils, each with its share of the year.
with months as (
    select
        max(case when parameter = 'average_students_prior_months' then cast(value_num as integer) end) as prior_months,
        max(case when parameter = 'average_students_current_months' then cast(value_num as integer) end)
            as current_months
    from {{ ref('plan_parameter') }}
),

shares as (
    select
        reports.*,
        {{ school_year_start('reports.period_id') }} as fiscal_year,
        reports.student_count * months.current_months * 1.0 / (months.prior_months + months.current_months)
            as student_share
    from {{ ref('trace_school_report') }} as reports
    cross join months
    union all
    select
        reports.*,
        {{ school_year_start('reports.period_id') }} + 1,
        reports.student_count * months.prior_months * 1.0 / (months.prior_months + months.current_months)
    from {{ ref('trace_school_report') }} as reports
    cross join months
)

select
    region_code,
    'fiscal_year' as period_type,
    cast(fiscal_year as varchar) as period_id,
    school_code,
    entity_id,
    stage,
    urban_rural,
    grade,
    subject,
    exam_id,
    urban_rural_name,
    student_share,
    submission_id,
    sheet_name,
    row_number,
    column_letter
from shares
