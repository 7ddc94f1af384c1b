with spans as (
    select
        school_code,
        stage,
        min(region_code) as region_code,
        min(school_year) as first_school_year,
        max(school_year) as last_school_year
    from {{ ref('stg_school_report__section') }}
    group by school_code, stage
),

counted as (
    select
        school_code,
        count(*) as section_count
    from spans
    group by school_code
)

select
    {{ surrogate_key(['spans.school_code', 'spans.stage']) }} as section_key,
    spans.school_code,
    spans.stage,
    spans.region_code,
    spans.first_school_year,
    spans.last_school_year,
    counted.section_count > 1 as is_part_of_combined_school,
    parameters.value_text as split_method,
    stages.split_weight
from spans
inner join counted on spans.school_code = counted.school_code
left join {{ ref('stage') }} as stages on spans.stage = stages.stage
left join {{ ref('int_parameter__by_school_year') }} as parameters
    on spans.last_school_year = parameters.school_year and parameters.parameter_code = 'split_method'
