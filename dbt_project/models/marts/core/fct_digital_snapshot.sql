select
    src.region_code,
    src.school_year,
    schools.school_key,
    src.school_code,
    src.stage,
    schools.urban_rural,
    schools.is_urban,
    schools.ownership,
    schools.school_type,
    src.checklist_item_count,
    src.checklist_met_count,
    src.outlet_bandwidth_mbps,
    src.school_bandwidth_mbps,
    src.class_bandwidth_mbps,
    {{ is_yes('src.wireless_covered') }} as wireless_covered,
    {{ is_yes('src.network_5g_covered') }} as network_5g_covered,
    {{ is_yes('src.online_patrol_enabled') }} as online_patrol_enabled,
    {{ is_yes('src.optical_campus_network') }} as optical_campus_network,
    {{ is_yes('src.digital_campus_built') }} as digital_campus_built,
    {{ is_yes('src.network_research_routine') }} as network_research_routine,
    {{ is_yes('src.three_classroom_env') }} as three_classroom_env,
    src.digital_classroom_count,
    src.ai_classroom_count,
    src.interactive_classroom_count,
    src.remote_room_count,
    src.outlet_bandwidth_mbps >= outlet.value
    and src.school_bandwidth_mbps >= inside.value
    and src.class_bandwidth_mbps >= classroom.value as is_bandwidth_tier_met,
    src.submission_id
from {{ ref('stg_digital_equipment__section') }} as src
left join {{ ref('dim_school') }} as schools
    on src.school_code = schools.school_code and src.school_year = schools.school_year
left join {{ ref('int_parameter__by_school_year') }} as outlet
    on src.school_year = outlet.school_year and outlet.parameter_code = 'bandwidth_outlet_min_mbps'
left join {{ ref('int_parameter__by_school_year') }} as inside
    on src.school_year = inside.school_year and inside.parameter_code = 'bandwidth_school_min_mbps'
left join {{ ref('int_parameter__by_school_year') }} as classroom
    on src.school_year = classroom.school_year and classroom.parameter_code = 'bandwidth_class_min_mbps'
