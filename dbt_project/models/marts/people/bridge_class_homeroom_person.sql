-- Who is the homeroom teacher of a class, as the list of classes names them.
select
    {{ surrogate_key(['lists.school_code', 'lists.school_year', 'lists.grade', 'lists.class_name']) }} as class_key,
    lists.region_code,
    lists.school_year,
    schools.school_key,
    lists.school_code,
    lists.stage,
    lists.grade,
    lists.class_name,
    min(lists.homeroom_teacher_key) as teacher_key,
    min(lists.submission_id) as submission_id
from {{ ref('stg_class_sizes__class') }} as lists
left join {{ ref('dim_school') }} as schools
    on lists.school_code = schools.school_code and lists.school_year = schools.school_year
where lists.homeroom_teacher_key is not null
group by
    lists.region_code, lists.school_year, schools.school_key, lists.school_code, lists.stage, lists.grade,
    lists.class_name
