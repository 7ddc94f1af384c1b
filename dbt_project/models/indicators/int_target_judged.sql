{{ config(meta={'zone': 'restricted'}) }}
{# One row a target: the part that decides, and the verdict. A part that fails decides; a part that is not known leaves
   open whether the others are enough; of parts that all hold the one closest to failing is shown. A stage that the
   region does not have is no part. #}
with ordered as (
    select
        p.*,
        row_number() over (
            partition by p.region_code, p.school_year, p.target_id
            order by
                case
                    when p.lacking_reason = 'not_applicable' then 4
                    when not p.holds then 0
                    when p.actual_value is not null and p.holds is null then 1
                    when p.actual_value is null then 2
                    else 3
                end,
                p.margin, p.entity_type, p.entity_id, p.stage, p.grade, p.subject, p.exam_id, p.group_code
        ) as place,
        count(case when coalesce(p.lacking_reason, '') <> 'not_applicable' then 1 end)
            over (partition by p.region_code, p.school_year, p.target_id) as part_count,
        count(p.actual_value) over (partition by p.region_code, p.school_year, p.target_id) as known_count
    from {{ ref('int_target_part') }} as p
),

-- What the indicator has at the period beside the target's own scope: it says what is lacking.
others as (
    select
        indicator_code, region_code, period_id,
        count(case when grade <> '_all' then value end) as graded_count,
        count(value) as valued_count
    from {{ ref('int_indicator_value') }}
    group by indicator_code, region_code, period_id
)

select
    t.region_code, t.school_year, t.target_id, t.document_code, t.indicator_code, t.stage, t.urban_rural,
    t.grade_scope, t.subgroup, coalesce(p.period_id, e.period_id) as period_id,
    p.operand, p.actual_value, p.prior_value, p.first_year,
    p.entity_type as value_entity_type, p.entity_id as value_entity_id, p.stage as value_stage,
    p.urban_rural as value_urban_rural, p.grade as value_grade, p.subject as value_subject,
    p.exam_id as value_exam_id, p.group_code as value_group_code,
    coalesce(p.part_count, 0) as part_count, coalesce(p.known_count, 0) as known_count,
    cast(t.target_value as double) as target_value, p.actual_value - cast(t.target_value as double) as gap,
    t.judge, t.direction, t.is_inclusive, t.unit_code, t.due_date, t.timing, t.is_published,
    coalesce(i.zone, 'internal') as indicator_zone,
    case
        when t.timing in ('informative', 'counted_once') then 'informative'
        {# A level that will be asked for and is not reached yet is known now; a sum of a coming period is not. #}
        when
            t.timing = 'not_started' and t.measure_at in ('snapshot', 'period_end')
            and p.operand = 'value' and not p.holds
            then 'at_risk'
        when t.timing in ('not_started', 'period_over') then 'not_due'
        when t.timing = 'due' and p.holds is null then 'no_data'
        when t.timing = 'due' and p.holds then 'met'
        when t.timing = 'due' then 'missed'
        when p.holds is null or p.holds then 'not_due'
        else 'at_risk'
    end as status,
    case
        when t.timing in ('not_started', 'period_over', 'counted_once') then t.timing
        when t.timing = 'running' and p.holds is null then 'running'
        when t.timing = 'running' and p.holds then 'on_track'
        when t.timing = 'running' then 'off_track'
        when t.timing = 'informative' or p.actual_value is not null then null
        when i.indicator_code is null then 'no_indicator'
        when p.lacking_reason is not null then p.lacking_reason
        when not t.is_whole_scope then 'subgroup_not_reported'
        when t.grade_scope is not null and o.valued_count > 0 and o.graded_count = 0 then 'grade_not_reported'
        when o.valued_count > 0 then 'scope_not_reported'
        else 'not_reported'
    end as reason
from {{ ref('int_target_timed') }} as t
left join {{ ref('dim_indicator') }} as i on t.indicator_code = i.indicator_code
left join {{ ref('int_target_period') }} as e
    on t.region_code = e.region_code and t.school_year = e.school_year and t.target_id = e.target_id
left join ordered as p
    on t.region_code = p.region_code and t.school_year = p.school_year and t.target_id = p.target_id and p.place = 1
left join others as o
    on t.region_code = o.region_code and t.indicator_code = o.indicator_code and e.period_id = o.period_id
