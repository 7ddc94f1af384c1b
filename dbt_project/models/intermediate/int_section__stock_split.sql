{{ config(materialized='table') }}

-- What the sections of a combined school have of its common stock: what each reported, or, where the method in force is
-- that of weights, the school's whole by pupils and the weight of their stage. Teachers and rooms are never divided:
-- they stand where the report puts them.
{% set stocks = [
    'teaching_auxiliary_area_m2', 'indoor_sports_area_m2', 'sports_ground_area_m2', 'equipment_value_yuan',
] %}
with weighed as (
    select
        sections.*,
        -- As a double: a quotient of decimals has another scale on every engine.
        cast(sections.student_count * stages.split_weight as double) / nullif(
            sum(sections.student_count * stages.split_weight) over (
                partition by sections.school_code, sections.school_year
            ), 0
        ) as stock_share,
        min(case when sections.student_count * stages.split_weight is null then 0 else 1 end) over (
            partition by sections.school_code, sections.school_year
        ) = 1
        and count(*) over (partition by sections.school_code, sections.school_year) > 1
        and coalesce(parameters.value_text, 'actual') = 'weights' as is_split
    from {{ ref('stg_school_report__section') }} as sections
    left join {{ ref('stage') }} as stages on sections.stage = stages.stage
    left join {{ ref('int_parameter__by_school_year') }} as parameters
        on sections.school_year = parameters.school_year and parameters.parameter_code = 'split_method'
)

select
    school_code,
    school_year,
    stage,
    submission_id,
    sheet_name,
    row_number,
    is_split,
    {% for stock in stocks %}
        cast(case
            when is_split
                then round(cast(sum({{ stock }}) over of_school * stock_share as decimal(24, 8)), 2)
            else {{ stock }}
        end as decimal(18, 2)) as {{ stock }}{% if not loop.last %},{% endif %}
    {% endfor %}
from weighed
window of_school as (partition by school_code, school_year)
