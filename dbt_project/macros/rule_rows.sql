{# What a leg says: hit, clear, or nothing while its figure or threshold is open. #}
{% macro leg_outcome() %}
    case
        when reason is not null then 'undecided'
        when
            case operator
                when '<' then value < threshold_value
                when '<=' then value <= threshold_value
                when '>' then value > threshold_value
                when '>=' then value >= threshold_value
                when '<>' then value <> threshold_value
            end
            then 'hit'
        else 'clear'
    end
{% endmacro %}

{# Rows of operands as one verdict a rule and entity. `any`: one leg that hits is enough, and clear means that all are
   known; `all`: the other way round. Several figures of one leg: one that hits is enough. #}
{% macro rule_verdicts(operands) %}
    with legs as (
        select
            region_code, school_year, rule_id, entity_type, entity_id, scope_stage, scope_urban_rural, scope_grade,
            scope_subject, scope_group, combine, leg_no,
            max(case when outcome = 'hit' then 1 else 0 end) as is_hit,
            max(case when outcome = 'undecided' then 1 else 0 end) as is_open,
            min(case when outcome = 'undecided' then reason end) as reason,
            max(figure_code) as figure_code,
            count(*) as figure_count
        from {{ operands }}
        where coalesce(reason, '') <> 'not_asked'
        group by
            region_code, school_year, rule_id, entity_type, entity_id, scope_stage, scope_urban_rural, scope_grade,
            scope_subject, scope_group, combine, leg_no
    )

    select
        region_code, school_year, rule_id, entity_type, entity_id, scope_stage, scope_urban_rural, scope_grade,
        scope_subject, scope_group,
        cast(count(*) as bigint) as leg_count,
        cast(sum(is_hit) as bigint) as hit_count,
        cast(sum(figure_count) as bigint) as figure_count,
        case
            when combine = 'any' and max(is_hit) = 1 then 'hit'
            when combine = 'all' and min(is_hit) = 1 then 'hit'
            when combine = 'all' and max(case when is_hit = 0 and is_open = 0 then 1 else 0 end) = 1 then 'clear'
            when max(case when is_hit = 0 and is_open = 1 then 1 else 0 end) = 1 then 'undecided'
            else 'clear'
        end as outcome,
        {# The first leg that hits and the first that is open say why. #}
        substr(min(case when is_hit = 1 then cast(1000 + leg_no as varchar) || figure_code end), 5) as hit_figure,
        substr(min(case when is_hit = 0 and is_open = 1 then cast(1000 + leg_no as varchar) || reason end), 5) as reason
    from legs
    group by
        region_code, school_year, rule_id, entity_type, entity_id, scope_stage, scope_urban_rural, scope_grade,
        scope_subject, scope_group, combine
{% endmacro %}
