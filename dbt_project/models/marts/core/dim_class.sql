-- Classes of the class list, and those that only the roll names.
with listed as (
    select
        region_code,
        school_year,
        school_code,
        grade,
        class_name,
        class_type,
        student_count
    from {{ ref('fct_class_size_snapshot') }}
),

enrolled as (
    select
        region_code,
        school_year,
        school_code,
        grade,
        class_name,
        cast(count(*) as integer) as roll_student_count
    from {{ ref('fct_student_snapshot_person') }}
    where class_name is not null
    group by region_code, school_year, school_code, grade, class_name
),

classes as (
    select
        coalesce(listed.region_code, enrolled.region_code) as region_code,
        coalesce(listed.school_year, enrolled.school_year) as school_year,
        coalesce(listed.school_code, enrolled.school_code) as school_code,
        coalesce(listed.grade, enrolled.grade) as grade,
        coalesce(listed.class_name, enrolled.class_name) as class_name,
        listed.class_type,
        listed.student_count,
        enrolled.roll_student_count
    from listed
    full outer join enrolled
        on
            listed.region_code = enrolled.region_code
            and listed.school_year = enrolled.school_year
            and listed.school_code = enrolled.school_code
            and listed.grade = enrolled.grade
            and listed.class_name = enrolled.class_name
)

select
    {{ surrogate_key(['classes.school_code', 'classes.school_year', 'classes.grade', 'classes.class_name']) }}
        as class_key,
    classes.region_code,
    classes.school_year,
    schools.school_key,
    classes.school_code,
    staged.stage,
    classes.grade,
    classes.class_name,
    classes.class_type,
    classes.student_count,
    classes.roll_student_count
from classes
left join {{ ref('dim_school') }} as schools
    on classes.school_code = schools.school_code and classes.school_year = schools.school_year
left join {{ ref('int_school__grade_staged') }} as staged
    on
        classes.school_code = staged.school_code
        and classes.school_year = staged.school_year
        and classes.grade = staged.grade
