{{ config(materialized='table') }}

-- One row per day of the span of the seed. Numbers come from crossed digits: every engine can do that.
with digits as (
    {% for d in range(10) %}
        select {{ d }} as d
        {% if not loop.last %}union all{% endif %}
    {% endfor %}
),

numbers as (
    select a.d + 10 * b.d + 100 * c.d + 1000 * e.d as n
    from digits as a
    cross join digits as b
    cross join digits as c
    cross join digits as e
)

select cast(span.first_date + numbers.n as date) as date_day
from {{ ref('calendar_span') }} as span
cross join numbers
where span.first_date + numbers.n <= span.last_date
