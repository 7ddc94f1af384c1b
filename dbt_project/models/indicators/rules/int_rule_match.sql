{{ config(meta={'zone': 'restricted'}) }}
{# The figures that answer each leg, with the scope they stand for in the rule's own rows. #}
select
    d.region_code,
    d.school_year,
    d.rule_id,
    d.leg_no,
    f.entity_type,
    f.entity_id,
    case when ';' || d.scope_by || ';' like '%;stage;%' then f.stage else 'all' end as scope_stage,
    case when ';' || d.scope_by || ';' like '%;urban_rural;%' then f.urban_rural else 'all' end as scope_urban_rural,
    case when ';' || d.scope_by || ';' like '%;grade;%' then f.grade else '_all' end as scope_grade,
    case when ';' || d.scope_by || ';' like '%;subject;%' then f.subject else '_all' end as scope_subject,
    case when ';' || d.scope_by || ';' like '%;group;%' then f.group_code else '_all' end as scope_group,
    f.stage,
    f.urban_rural,
    f.grade,
    f.subject,
    f.group_code,
    f.numerator,
    f.denominator,
    f.value,
    f.status
from {{ ref('int_rule_due') }} as d
inner join {{ ref('int_rule_figure') }} as f
    on
        d.source = f.source
        and d.figure_code = f.figure_code
        and d.region_code = f.region_code
        and d.period_type = f.period_type
        and d.period_id = f.period_id
        and ';' || d.entity_type || ';' like '%;' || f.entity_type || ';%'
        and (d.stage = '' or d.stage = f.stage or (d.stage = '*' and f.stage <> 'all' and f.stage not like '%;%'))
        and coalesce(nullif(d.urban_rural, ''), 'all') = f.urban_rural
        and (
            coalesce(nullif(d.grade, ''), '_all') = f.grade
            or (d.grade = '*' and f.grade <> '_all')
            or (f.grade <> '_all' and ';' || d.grade || ';' like '%;' || f.grade || ';%')
        )
        and (
            coalesce(nullif(d.subject, ''), '_all') = f.subject
            or (d.subject = '*' and f.subject <> '_all')
            or (f.subject <> '_all' and ';' || d.subject || ';' like '%;' || f.subject || ';%')
        )
        and (
            coalesce(nullif(d.group_code, ''), '_all') = f.group_code
            or (d.group_code = '*' and f.group_code <> '_all')
            or (f.group_code <> '_all' and ';' || d.group_code || ';' like '%;' || f.group_code || ';%')
        )
where d.is_bound and d.is_due
