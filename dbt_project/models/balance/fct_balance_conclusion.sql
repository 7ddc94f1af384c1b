-- All legs must hold; one that fails decides, one that is open leaves the whole open, and a veto overrides all.
{% set groups = ['data', 'resource', 'dispersion', 'guarantee', 'quality', 'recognition', 'veto'] %}
with folded as (
    select
        region_code,
        school_year,
        cast(count(*) as integer) as leg_count,
        cast(sum(case when status = 'met' then 1 else 0 end) as integer) as met_count,
        cast(sum(case when status = 'not_met' then 1 else 0 end) as integer) as not_met_count,
        cast(sum(case when status = 'undecided' then 1 else 0 end) as integer) as undecided_count,
        min(case when status = 'not_met' then sort_order end) as first_not_met,
        min(case when status = 'undecided' then sort_order end) as first_undecided,
        min(case when status = 'not_met' and leg_group = 'veto' then sort_order end) as first_veto,
        {% for group in groups %}
            case
                when sum(case when leg_group = '{{ group }}' and status = 'not_met' then 1 else 0 end) > 0
                    then 'not_met'
                when sum(case when leg_group = '{{ group }}' and status = 'undecided' then 1 else 0 end) > 0
                    then 'undecided'
                else 'met'
            end as {{ group }}_status{% if not loop.last %},{% endif %}
        {% endfor %}
    from {{ ref('fct_balance_leg') }}
    group by region_code, school_year
),

sections as (
    select
        region_code,
        school_year,
        cast(count(*) as integer) as section_count,
        cast(sum(case when status = 'met' then 1 else 0 end) as integer) as section_met_count,
        cast(sum(case when status = 'not_met' then 1 else 0 end) as integer) as section_not_met_count,
        cast(sum(case when status = 'undecided' then 1 else 0 end) as integer) as section_undecided_count,
        cast(sum(gap_cost_yuan) as decimal(18, 2)) as gap_cost_yuan
    from {{ ref('fct_balance_section') }}
    where is_eligible
    group by region_code, school_year
),

decided as (
    select
        f.*,
        case
            when f.not_met_count > 0 then 'not_met' when f.undecided_count > 0 then 'undecided' else 'met'
        end as conclusion,
        coalesce(f.first_veto, f.first_not_met, f.first_undecided) as deciding_order
    from folded as f
),

deciding as (
    select d.region_code, d.school_year, min(l.leg_id) as leg_id
    from decided as d
    inner join {{ ref('balance_leg') }} as l on d.deciding_order = cast(l.sort_order as integer)
    group by d.region_code, d.school_year
)

select
    d.region_code,
    d.school_year,
    d.conclusion,
    d.first_veto is not null as is_vetoed,
    x.leg_id as deciding_leg_id,
    {% for group in groups %}
        d.{{ group }}_status,
    {% endfor %}
    d.leg_count,
    d.met_count,
    d.not_met_count,
    d.undecided_count,
    coalesce(s.section_count, 0) as section_count,
    coalesce(s.section_met_count, 0) as section_met_count,
    coalesce(s.section_not_met_count, 0) as section_not_met_count,
    coalesce(s.section_undecided_count, 0) as section_undecided_count,
    s.gap_cost_yuan
from decided as d
left join deciding as x on d.region_code = x.region_code and d.school_year = x.school_year
left join sections as s on d.region_code = s.region_code and d.school_year = s.school_year
