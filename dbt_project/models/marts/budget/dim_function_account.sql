-- Accounts that the list has, and those that a budget or its execution names and the list does not.
with found as (
    select function_code
    from {{ ref('int_budget_file_line') }}
    where function_code is not null
    group by function_code
)

select
    function_code,
    function_name,
    nullif(parent_code, '') as parent_code,
    case length(function_code) when 3 then 1 when 5 then 2 when 7 then 3 end as account_level,
    cast(nullif(valid_from, '') as date) as valid_from,
    cast(nullif(valid_to, '') as date) as valid_to,
    true as is_listed
from {{ ref('function_account') }}
union all
select
    found.function_code,
    cast(null as varchar) as function_name,
    cast(null as varchar) as parent_code,
    cast(null as integer) as account_level,
    cast(null as date) as valid_from,
    cast(null as date) as valid_to,
    false as is_listed
from found
left join {{ ref('function_account') }} as known on found.function_code = known.function_code
where known.function_code is null
