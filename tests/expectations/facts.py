"""Facts of the small house beside schools, exams and money: forms that must agree with each other, and registers."""

from __future__ import annotations

# Six grades a school, each a sixth of its pupils and one class; who sits the exam in grade 4 is on the roster.
FORMS = """
create table fct_enrolment_snapshot as
select s.region_code, s.school_year, s.school_code, s.stage, g.grade, 1 as class_count,
       s.student_count // 6 as student_count
from fct_school_resource_snapshot s cross join range(1, 7) as g (grade);

create table fct_class_size_snapshot as
select region_code, school_year, school_code, stage, grade, '1班' as class_name, student_count
from fct_enrolment_snapshot;

create table fct_student_snapshot_person as
select f.region_code, f.school_year, f.school_code || '-' || case when f.grade = 4 then i else f.grade * 1000 + i end
       as student_key, f.school_code, f.stage, f.grade
from fct_enrolment_snapshot f cross join range(1, 61) as r (i) where i <= f.student_count;

create table fct_population_age as
select region_code, y.calendar_year, a.age, 200 as population_count
from (select distinct region_code from dim_school) cross join (values (2022), (2023)) as y (calendar_year)
cross join range(6, 12) as a (age);

create table dim_school_year as
select * from (values
  ('2021-2022', 2021, date '2021-09-01', date '2022-08-31', date '2021-09-01'),
  ('{prior}', 2022, date '2022-09-01', date '2023-08-31', date '2022-09-01'),
  ('{year}', 2023, date '2023-09-01', date '2024-08-31', date '2023-09-01'))
  as y (school_year, start_year, start_date, end_date, statistics_date);

create table fct_student_funding as
select region_code, school_code, stage, 2023 as fiscal_year, student_count as funded_student_count, student_count,
       greatest(student_count, 100) as entitled_student_count
from fct_school_resource_snapshot where school_year = '{prior}';

create table dim_exam as
select distinct exam_id, school_year, region_code, exam_id || '监测' as exam_name, '县' as exam_level,
       '期末' as exam_type, '教学质量监测' as purpose, date '2024-06-24' as exam_date
from dim_exam_subject;
create table fct_exam_registration_person as
select '{region}' as region_code, '{year}' as school_year, 'x' as exam_id, 9 as grade, '' as school_code limit 0;
"""

# The third school changed its name alone; every register has a row of both regions.
REGISTERS = """
create table bridge_school_succession as
select '{region}' as region_code, 'BG1' as event_no, '更名' as event_type, '{year}' as school_year,
       '2199020003' as predecessor_code, '2199020003' as successor_code;

create table fct_activity as
select region_code, '{year}' as school_year, date '2024-03-08' as held_on
from (select distinct region_code from dim_school);
create table fct_safety_incident as
select region_code, school_year, date '2023-09-01' as occurred_on from fct_activity;
create table fct_violation as select region_code, school_year, date '2024-08-31' as found_on from fct_activity;
create table fct_student_status_event_person as
select region_code, school_year, date '2023-11-20' as event_date from fct_activity;
create table fct_attestation as select region_code, school_year, date '2024-09-10' as attested_on from fct_activity;
create table fct_teacher_training_person as
select region_code, school_year, date '2024-07-20' as started_on, date '2024-07-31' as ended_on from fct_activity;

create table fct_fund_payment as
select region_code, 2023 as fiscal_year, '校舍维修' as project_name, date '2023-03-01' as allocated_on,
       date '2023-05-20' as paid_on, 250000::decimal(18, 2) as amount_yuan
from fct_activity cross join range(2);

create table dim_teacher as select distinct teacher_key, region_code from fct_teacher_snapshot_person;
create table fct_teacher_honour_person as
select region_code, school_code, teacher_key, '骨干教师' as title, date '2022-12-01' as awarded_on,
       case when school_code like '%3' then date '2023-06-30' else date '2025-11-30' end as valid_until
from fct_teacher_snapshot_person where school_year = '{year}';

create table fct_project as
select r.region_code, p.* from fct_activity r cross join (values
  ('QN', null, 900000::decimal(18, 2), 270), ('QN-1', 'QN', 600000, 180), ('QN-2', 'QN', 300000, 90))
  as p (project_code, parent_code, planned_yuan, design_place_count);
"""

# What the build freezes of the ledger: none of it in a house without a fault.
NOTES = """
create table input_total_mismatch as select '' as submission_id, '' as sheet, 0 as "row", '' as "column", '' as printed,
       '' as computed limit 0;
create table input_claim_conflict as select '' as submission_id, '' as kind, '' as unit_code, '' as file_name,
       '' as other_file_name, 0 as shared_rows limit 0;
create table input_correction as select '' as correction_id, '' as region_code, '' as source, '' as period,
  '' as row_key, '' as column_name, '' as from_value, '' as to_value, '' as reason, '' as provider, '' as provided_on,
  '' as expires_on, '' as outcome, '' as submission_id, '' as sheet, 0::bigint as row, '' as found_value limit 0;
create table input_late_arrival as select '' as submission_id, '' as school_year, '' as edition_version limit 0;
"""

PARTS = (FORMS, REGISTERS, NOTES)
