-- Every rule has at least one row at every edition of every region, and no rule of the seed lacks a form or a leg.
select
    e.region_code,
    e.school_year,
    r.rule_id
from {{ ref('dim_edition') }} as e
cross join {{ ref('monitoring_rules') }} as r
where
    not exists (
        select 1
        from {{ ref('fct_rule_evaluation') }} as v
        where v.region_code = e.region_code and v.school_year = e.school_year and v.rule_id = r.rule_id
    )
union all
select
    'form' as region_code,
    '' as school_year,
    r.rule_id
from {{ ref('monitoring_rules') }} as r
where
    r.rule_id not in (select f.rule_id from {{ ref('rule_form') }} as f)
    or r.rule_id not in (select l.rule_id from {{ ref('rule_leg') }} as l)
