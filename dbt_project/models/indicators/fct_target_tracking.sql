{# Every target of the documents that bind a region, judged on the unrounded value at the edition's period. #}
with compared as (
    select
        t.*,
        i.kind,
        coalesce(v.period_id, e.period_id) as period_id,
        v.known_count,
        v.part_count,
        coalesce(v.lacking_reason, case when t.is_whole_scope then 'not_reported' else 'subgroup_not_reported' end)
            as lacking_reason,
        {# A count of schools with the judge "every one" is compared as the share of all schools of the stage. #}
        case
            when t.judge = 'all_entities' and i.kind = 'total'
                then v.actual_value * 100.0 / nullif(cast(n.value as double), 0)
            else v.actual_value
        end as actual_value
    from {{ ref('int_target_timed') }} as t
    inner join {{ ref('dim_indicator') }} as i on t.indicator_code = i.indicator_code
    inner join {{ ref('int_edition_indicator') }} as e
        on t.region_code = e.region_code and t.school_year = e.school_year and t.indicator_code = e.indicator_code
    left join {{ ref('int_target_valued') }} as v
        on t.region_code = v.region_code and t.school_year = v.school_year and t.target_id = v.target_id
    left join {{ ref('fct_measure') }} as n
        on
            n.term_code = 'school_count'
            and n.entity_type = 'county'
            and n.urban_rural = 'all'
            and t.region_code = n.region_code
            and t.school_year = n.period_id
            and t.stage = n.stage
),

judged as (
    select
        *,
        case
            when actual_value is null then null
            when judge = 'at_most' and is_strict then actual_value < cast(target_value as double)
            when judge = 'at_most' then actual_value <= cast(target_value as double)
            when judge = 'exact' then actual_value = cast(target_value as double)
            when judge = 'change_positive' then actual_value > 0
            when judge = 'change_negative' then actual_value < 0
            when judge = 'change_non_negative' then actual_value >= 0
            when judge in ('at_least', 'all_entities') then actual_value >= cast(target_value as double)
        end as holds
    from compared
),

decided as (
    select
        *,
        {# One known part that fails decides; a part that is not known leaves "met" open. #}
        case when holds and known_count < part_count then null else holds end as is_held
    from judged
)

select
    region_code,
    school_year,
    target_id,
    document_code,
    indicator_code,
    stage,
    urban_rural,
    grade_scope,
    subgroup,
    period_id,
    actual_value,
    cast(target_value as double) as target_value,
    actual_value - cast(target_value as double) as gap,
    judge,
    unit_code,
    due_date,
    case
        when timing in ('informative', 'counted_once') then 'informative'
        when timing in ('not_started', 'period_over') then 'not_due'
        when timing = 'due' and is_held is null then 'no_data'
        when timing = 'due' and is_held then 'met'
        when timing = 'due' then 'missed'
        when is_held is null or is_held then 'not_due'
        else 'at_risk'
    end as status,
    case
        when timing in ('not_started', 'period_over', 'counted_once') then timing
        when timing = 'running' and is_held is null then 'running'
        when timing = 'running' and is_held then 'on_track'
        when timing = 'running' then 'off_track'
        when timing = 'due' and is_held is null then lacking_reason
    end as reason,
    is_published
from decided
