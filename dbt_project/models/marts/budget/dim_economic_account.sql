-- Accounts that the list has, and those that a budget or its execution names and the list does not.
with found as (
    select economic_code
    from {{ ref('int_budget_file_line') }}
    where economic_code is not null
    group by economic_code
)

select
    economic_code,
    economic_name,
    nullif(parent_code, '') as parent_code,
    nullif(account_system, '') as account_system,
    case length(economic_code) when 3 then 1 when 5 then 2 end as account_level,
    cast(nullif(valid_from, '') as date) as valid_from,
    cast(nullif(valid_to, '') as date) as valid_to,
    true as is_listed
from {{ ref('economic_account') }}
union all
select
    found.economic_code,
    cast(null as varchar) as economic_name,
    cast(null as varchar) as parent_code,
    cast(null as varchar) as account_system,
    cast(null as integer) as account_level,
    cast(null as date) as valid_from,
    cast(null as date) as valid_to,
    false as is_listed
from found
left join {{ ref('economic_account') }} as known on found.economic_code = known.economic_code
where known.economic_code is null
