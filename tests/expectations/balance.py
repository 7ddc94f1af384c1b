"""An assessment small enough to be worked out by hand, for the house of the gate's tests.

Primary sections of 240, 120 and 60 pupils, and one of 90 next door. Each has one full-time teacher, no teacher of PE or
arts, 5 m2 of rooms and 2100 yuan a pupil, and 6 multimedia rooms. The teacher is a backbone teacher but in 2199020003,
whose honour has lapsed. Sports grounds are 7.5 (just enough), 9.17, 11.67 and, next door, 5.56 m2 a pupil.
"""

from __future__ import annotations

# What the second path reads beside the tables that the house has already.
_READ = """
alter table dim_school add column is_combined boolean default false;
alter table fct_school_resource_snapshot add column multimedia_room_count integer default 6;
alter table fct_school_resource_snapshot add column indoor_sports_area_m2 decimal(18, 2) default 0;
alter table fct_school_resource_snapshot add column sports_ground_area_m2 decimal(18, 2);
alter table fct_school_resource_snapshot add column teaching_auxiliary_area_m2 decimal(18, 2);
update fct_school_resource_snapshot set sports_ground_area_m2 = sports_area_m2,
  teaching_auxiliary_area_m2 = student_count * 5;
alter table fct_teacher_snapshot_person add column qualification_rank integer default 4;
alter table fct_teacher_snapshot_person add column is_pe_art boolean default false;
alter table fct_teacher_honour_person add column level varchar default '县级';
alter table fct_attestation add column entity_code varchar;
alter table fct_attestation add column indicator_code varchar;
alter table fct_attestation add column is_affirmed boolean;
alter table fct_attestation add column evidence_no varchar;
alter table fct_indicator_value add column status varchar default 'ok';

create table fct_national_monitoring as select '' as region_code, '' as stage, 2024 as calendar_year,
  date '2024-05-31' as monitored_on, 0.1 as difference_rate limit 0;
create table dim_edition as select region_code, '{year}' as school_year, date '2023-09-01' as statistics_date,
  2023 as fiscal_year, date '2024-12-31' as as_of_date from (values ('{region}'), ('{other}')) as r (region_code);
create table int_edition_indicator as select region_code, '{year}' as school_year,
  'sat_social_recognition' as indicator_code, 'calendar_year' as period_type, '2023' as period_id from dim_edition;
insert into fct_indicator_value by name
select region_code, 'sat_social_recognition' as indicator_code, 'county' as entity_type, region_code as entity_id,
  'calendar_year' as period_type, '2023' as period_id, 'primary' as stage, 'all' as urban_rural, '_all' as grade,
  '_all' as subject, '_all' as exam_id, '_all' as group_code, 90 as value, 'ok' as status from dim_edition;
"""

_RULES = """
create table stage_scope as select * from (values ('primary', 'primary')) as s (stage_scope, stage);
create table balance_exclusion as select '000000' as region_code, 'small_point' as exclusion_code,
  null::varchar as school_type_code, null::varchar as ownership, 'yes' as is_teaching_point, 0 as below_pupils,
  date '2017-04-19' as valid_from, null::date as valid_to;
create table balance_item as select unnest(['above_required_edu_teachers', 'backbone_teachers', 'pe_art_teachers',
  'teaching_area', 'sports_area', 'equipment_value', 'multimedia_rooms']) as item_code,
  null::varchar as unit_cost_parameter, 'no' as is_money;
create table parameter as select * from (values
  ('unmet_item_floor', 0.85::decimal(24, 6), date '2017-04-19', null::date),
  ('exclude_indoor_sports_from_1_4', 1, date '2010-01-01', null)) as p (parameter_code, value, valid_from, valid_to);
create table stage_requirement as select 'primary' as stage, 3 as above_required_min_rank,
  date '2017-04-19' as valid_from, null::date as valid_to;
create table backbone_title as select '骨干教师' as title;
create table honour_level as select '县级' as level, 'yes' as is_county_level;
create table national_standard as
select *, 'primary' as stage, 'at_least' as judge, '2017-04-19' as valid_from, null::varchar as valid_to
from (values ('res_above_required_edu_teachers_per100', '4.2'), ('res_backbone_teachers_per100', '1'),
  ('res_pe_art_teachers_per100', '0.9'), ('res_teaching_area_per_student', '4.5'),
  ('res_sports_area_per_student', '7.5'), ('res_equipment_value_per_student', '2000'),
  ('res_multimedia_rooms_per100', '2.3'), ('res_items_met_count', '6'), ('res_school_pass_share', '100'),
  ('sat_social_recognition', '85')) as n (indicator_code, standard_value);
create table policy_targets as select 'national' as document_code, 'x' as indicator_code, 'primary' as stage,
  'all' as urban_rural, 'at_most' as judge, '2017-04-19' as period_start, '2099-12-31' as period_end, '1' as value_num;
create table balance_leg as
select *, 'no' as is_by_stage, null::varchar as ownership, 'unknown' as absent, null::varchar as population,
  'no' as needs_declaration, 'primary' as stage_scope, 'at_least' as comparison
from (values ('0', '1', 'data', 'data', 'res_items_met_count'),
  ('1', '2', 'resource', 'county', 'res_school_pass_share'),
  ('4.1', '3', 'recognition', 'county', 'sat_social_recognition'))
  as l (leg_id, sort_order, leg_group, level, indicator_code);
"""

# Figures by hand: share per hundred or a pupil, attainment, and the gap in whole units.
_STORED = """
create table fct_balance_school_item as
select s.region_code, '{year}' as school_year, i.school_code, 'primary' as stage, i.item_code,
  i.value::double as value, i.value::double / i.threshold as attainment,
  case when i.gap = 0 then 'met' else 'not_met' end as status, i.gap as gap_units,
  null::decimal(18, 2) as gap_cost_yuan
from (values
  ('2199020001', 'above_required_edu_teachers', 1 / 2.4, 4.2, 10), ('2199020001', 'backbone_teachers', 1 / 2.4, 1, 2),
  ('2199020001', 'pe_art_teachers', 0, 0.9, 3), ('2199020001', 'teaching_area', 5, 4.5, 0),
  ('2199020001', 'sports_area', 7.5, 7.5, 0), ('2199020001', 'equipment_value', 2100, 2000, 0),
  ('2199020001', 'multimedia_rooms', 2.5, 2.3, 0),
  ('2199020002', 'above_required_edu_teachers', 1 / 1.2, 4.2, 5), ('2199020002', 'backbone_teachers', 1 / 1.2, 1, 1),
  ('2199020002', 'pe_art_teachers', 0, 0.9, 2), ('2199020002', 'teaching_area', 5, 4.5, 0),
  ('2199020002', 'sports_area', 55 / 6, 7.5, 0), ('2199020002', 'equipment_value', 2100, 2000, 0),
  ('2199020002', 'multimedia_rooms', 5, 2.3, 0),
  ('2199020003', 'above_required_edu_teachers', 5 / 3, 4.2, 2), ('2199020003', 'backbone_teachers', 0, 1, 1),
  ('2199020003', 'pe_art_teachers', 0, 0.9, 1), ('2199020003', 'teaching_area', 5, 4.5, 0),
  ('2199020003', 'sports_area', 35 / 3, 7.5, 0), ('2199020003', 'equipment_value', 2100, 2000, 0),
  ('2199020003', 'multimedia_rooms', 10, 2.3, 0),
  ('2199030001', 'above_required_edu_teachers', 10 / 9, 4.2, 3), ('2199030001', 'backbone_teachers', 10 / 9, 1, 0),
  ('2199030001', 'pe_art_teachers', 0, 0.9, 1), ('2199030001', 'teaching_area', 5, 4.5, 0),
  ('2199030001', 'sports_area', 50 / 9, 7.5, 175), ('2199030001', 'equipment_value', 2100, 2000, 0),
  ('2199030001', 'multimedia_rooms', 20 / 3, 2.3, 0))
  as i (school_code, item_code, value, threshold, gap)
join dim_school s on s.school_code = i.school_code and s.school_year = '{year}';
create table fct_balance_section as
select region_code, school_year, school_code, 'primary' as stage, true as is_eligible, 7 as known_count,
  4 as items_met_count, 0.0::double as lowest_attainment, 'not_met' as status
from dim_school where school_year = '{year}';
create table fct_balance_leg as
select e.region_code, e.school_year, l.* from dim_edition e cross join (values
  ('0', 'primary', 7.0::double, 6.0::double, 'met', null::varchar, 3, 3, 0, 0),
  ('1', 'primary', 0.0, 100.0, 'not_met', null, 1, 0, 1, 0), ('4.1', 'primary', 90.0, 85.0, 'met', null, 1, 1, 0, 0))
  as l (leg_id, stage, value, limit_value, status, reason, entity_count, met_count, not_met_count, undecided_count);
update fct_balance_leg set entity_count = 1, met_count = 1 where region_code = '{other}' and leg_id = '0';
create table fct_balance_conclusion as
select region_code, school_year, 'not_met' as conclusion, false as is_vetoed, '1' as deciding_leg_id,
  'met' as data_status, 'not_met' as resource_status, 'met' as dispersion_status, 'met' as guarantee_status,
  'met' as quality_status, 'met' as recognition_status, 'met' as veto_status
from dim_edition;
"""

PARTS = (_READ, _RULES, _STORED)
