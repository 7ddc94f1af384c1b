-- What a school belongs to in a school year: its education group, its school district, its central school with that
-- one's teaching points.
with central as (
    select distinct
        parent_school_code as school_code,
        school_year
    from {{ ref('dim_school') }}
    where parent_school_code is not null and parent_school_code <> school_code
),

members as (
    select
        region_code,
        school_year,
        school_key,
        school_code,
        'education_group' as group_type,
        school_group as group_code,
        school_group as group_name,
        coalesce(school_role = '集团牵头学校', false) as is_lead,
        submission_id
    from {{ ref('dim_school') }}
    where school_group is not null
    union all
    select
        region_code,
        school_year,
        school_key,
        school_code,
        'school_district' as group_type,
        school_district as group_code,
        school_district as group_name,
        false as is_lead,
        submission_id
    from {{ ref('dim_school') }}
    where school_district is not null
    union all
    select
        points.region_code,
        points.school_year,
        points.school_key,
        points.school_code,
        'central_school' as group_type,
        points.parent_school_code as group_code,
        coalesce(centres.school_name, points.parent_school_code) as group_name,
        false as is_lead,
        points.submission_id
    from {{ ref('dim_school') }} as points
    left join {{ ref('dim_school') }} as centres
        on points.parent_school_code = centres.school_code and points.school_year = centres.school_year
    where points.parent_school_code is not null and points.parent_school_code <> points.school_code
    union all
    select
        centres.region_code,
        centres.school_year,
        centres.school_key,
        centres.school_code,
        'central_school' as group_type,
        centres.school_code as group_code,
        centres.school_name as group_name,
        true as is_lead,
        centres.submission_id
    from {{ ref('dim_school') }} as centres
    inner join central on centres.school_code = central.school_code and centres.school_year = central.school_year
)

select
    {{ surrogate_key(['members.region_code', 'members.group_type', 'members.group_code']) }} as school_group_key,
    members.region_code,
    members.school_year,
    members.group_type,
    members.group_code,
    members.group_name,
    members.school_key,
    members.school_code,
    members.is_lead,
    members.submission_id
from members
