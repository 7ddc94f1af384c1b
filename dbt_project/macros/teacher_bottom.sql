{# How many of a teacher's four rates stand among the county's last of the subject and grade, in the last exam of each
   school year: the steps `limits` to `metrics` of whoever asks. Equals share the place nearer to the bottom. #}
{% macro teacher_bottom_metrics() %}
    limits as (
        select
            school_year,
            max(case when parameter_code = 'bottom_positions' then value end) as positions,
            max(case when parameter_code = 'bottom3_metric_total' then value end) as metrics,
            max(case when parameter_code = 'teacher_rank_min_group' then value end) as min_group,
            max(case when parameter_code = 'teacher_cycle_min_tests' then value end) as min_tests
        from {{ ref('int_parameter__by_school_year') }}
        group by school_year
    ),

    latest as (
        select region_code, school_year, grade, subject, max(exam_date) as exam_date
        from {{ ref('int_teacher_test') }}
        group by region_code, school_year, grade, subject
    ),

    finals as (
        select t.*
        from {{ ref('int_teacher_test') }} as t
        inner join latest as l
            on
                t.region_code = l.region_code
                and t.school_year = l.school_year
                and t.grade = l.grade
                and t.subject = l.subject
                and t.exam_date = l.exam_date
    ),

    placed as (
        select
            *,
            {{ teacher_places('_from_worst') }}
        from finals
    ),

    metrics as (
        select
            p.region_code, p.school_year, p.teacher_key, p.subject, p.grade, p.stage, p.group_size,
            case
                when p.group_size >= l.min_group
                    then
                        0
                        {% for rate in ['mean_score', 'excellent_rate', 'pass_rate', 'low_rate'] %}
                            + case when p.{{ rate }}_from_worst <= l.positions then 1 else 0 end
                        {% endfor %}
            end as bottom_count,
            l.metrics
        from placed as p
        inner join limits as l on p.school_year = l.school_year
    )
{% endmacro %}

{# The place of a teacher's rates among the county's teachers of the subject and grade in one test, counted from the worst
   or, with another `suffix`, from the best; equals share the smaller number. #}
{% macro teacher_places(suffix) -%}
{%- set from_worst = suffix == '_from_worst' -%}
{%- for rate, rising in {'mean_score': true, 'excellent_rate': true, 'pass_rate': true, 'low_rate': false}.items() %}
    rank() over (
        partition by region_code, school_year, exam_id, grade, subject
        order by {{ rate }} {{ 'asc' if rising == from_worst else 'desc' }} nulls last
    ) as {{ rate }}{{ suffix }},
{%- endfor %}
    count(*) over (partition by region_code, school_year, exam_id, grade, subject) as group_size
{%- endmacro %}
