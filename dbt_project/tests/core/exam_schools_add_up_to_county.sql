-- Schools add up to the county, and urban, rural and unknown add up to it too, in every count and sum.
{% set measures = [
    'n_roll', 'n_registered', 'n_present', 'n_scored', 'n_absent', 'score_sum', 'score_sumsq',
    'n_excellent', 'n_good', 'n_pass', 'n_low',
] %}
with totals as (
    select
        exam_id,
        school_year,
        grade,
        subject,
        group_type
        {% for measure in measures -%}
            , coalesce(sum({{ measure }}), -1) as {{ measure }}
        {% endfor %}
    from {{ ref('fct_exam_group_stat') }}
    group by exam_id, school_year, grade, subject, group_type
)

select
    parts.exam_id,
    parts.school_year,
    parts.grade,
    parts.subject,
    parts.group_type
from totals as parts
left join totals as county
    on
        parts.exam_id = county.exam_id
        and parts.school_year = county.school_year
        and parts.grade = county.grade
        and parts.subject = county.subject
        and county.group_type = 'county'
where
    county.exam_id is null
    {% for measure in measures -%}
        or parts.{{ measure }} <> county.{{ measure }}
    {% endfor %}
