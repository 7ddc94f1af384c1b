-- On every later map of schools a school's rows are all there, once.
select
    school_code,
    school_year,
    as_of_school_year,
    sum(share) as share_sum
from {{ ref('bridge_school_rebased') }}
group by school_code, school_year, as_of_school_year
having abs(sum(share) - 1) > 0.000001
