-- Groups of the list, and those that came with a survey and are not on it.
with found as (
    select respondent_group
    from {{ ref('stg_surveys__answer') }}
    group by respondent_group
)

select
    coalesce(known.respondent_group, found.respondent_group) as respondent_group,
    known.respondent_group_en,
    coalesce(known.sort_order, 999) as sort_order,
    known.respondent_group is not null as is_listed
from {{ ref('respondent_group') }} as known
full outer join found on known.respondent_group = found.respondent_group
