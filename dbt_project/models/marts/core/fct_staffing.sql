select
    src.region_code,
    src.school_year,
    schools.school_key,
    src.school_code,
    src.stage,
    schools.urban_rural,
    schools.is_urban,
    schools.ownership,
    schools.school_type,
    src.students_per_post,
    src.approved_post_count,
    src.established_staff_count,
    src.vacancy_since,
    case
        when src.approved_post_count > src.established_staff_count
            then src.approved_post_count - src.established_staff_count
        when src.established_staff_count is not null then 0
    end as vacant_post_count,
    cast({{ months_between('src.vacancy_since', 'years.statistics_date') }} as integer) as vacancy_month_count,
    case
        when allowed.value is null or src.established_staff_count is null then null
        when
            src.approved_post_count > src.established_staff_count
            and {{ months_between('src.vacancy_since', 'years.statistics_date') }} > allowed.value
            then src.approved_post_count - src.established_staff_count
        else 0
    end as overdue_vacant_post_count,
    src.submission_id
from {{ ref('stg_staffing_establishment__section') }} as src
left join {{ ref('dim_school') }} as schools
    on src.school_code = schools.school_code and src.school_year = schools.school_year
inner join {{ ref('dim_school_year') }} as years on src.school_year = years.school_year
left join {{ ref('int_parameter__by_school_year') }} as allowed
    on src.school_year = allowed.school_year and allowed.parameter_code = 'vacancy_months'
