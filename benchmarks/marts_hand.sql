-- The tables of the exam marts as one who knows the data would write them by hand: one pass over the scores for the
-- sums, one for the places, one join for the pairs. {raw}, {seeds} and {pin} are put in by benchmarks/marts.py.
create temp table years as
select (2009 + i) || '-' || (2010 + i) as school_year, make_date(cast(2009 + i as integer), 9, 1) as on_day
from range(1, 40) t(i);

create temp table parameters as
select
    y.school_year,
    max(value) filter (where parameter_code = 'exam_composite_weight_mean') as weight_mean,
    max(value) filter (where parameter_code = 'exam_composite_weight_pass') as weight_pass,
    max(value) filter (where parameter_code = 'exam_composite_weight_excellent') as weight_excellent,
    max(value) filter (where parameter_code = 'exam_min_group_pupils') as min_pupils,
    max(value) filter (where parameter_code = 'early_warning_min_schools') as min_schools,
    max(value) filter (where parameter_code = 'early_warning_fall_step') as fall_step,
    max(value) filter (where parameter_code = 'value_added_match_rate_min') as match_rate_min,
    max(value) filter (where parameter_code = 'value_added_min_pupils_school') as min_matched,
    max(value) filter (where parameter_code = 'value_added_shrinkage_k') as shrinkage_k
from years as y
inner join (
    select parameter_code, try_cast(value as decimal(18, 6)) as value, valid_from, valid_to
    from read_csv('{seeds}/core/parameter.csv', types = {'value': 'varchar', 'valid_from': 'date', 'valid_to': 'date'})
) as p on y.on_day between p.valid_from and coalesce(p.valid_to, date '9999-12-31')
group by y.school_year;

create temp table schools as
select
    md5(school_code || '|' || period) as school_key, school_code, period as school_year,
    urban_rural_code in ('111', '112', '121', '122', '123') as is_urban
from read_parquet('{raw}/school_report/*.parquet')
where _submission_id in (from {pin})
-- A combined school reports a row a stage.
qualify row_number() over (
    partition by school_code, period
    order by
        list_position(['preschool', 'primary', 'junior', 'senior', 'vocational', 'special'], stage) nulls last,
        _submission_id, _row
) = 1;

create table dim_exam as
select
    md5(exam_id || '|' || period) as exam_key, exam_id, region_code, period as school_year,
    min(exam_name) as exam_name, min(exam_date) as exam_date, max(exam_date) as last_exam_date,
    case
        when month(min(exam_date)) between 2 and 8 then period || '-2' else period || '-1'
    end as term_code,
    min(exam_level) as exam_level, min(exam_type) as exam_type, min(purpose) as purpose,
    cast(count(distinct subject) as integer) as subject_count, min(_submission_id) as submission_id
from read_parquet('{raw}/exam_parameters/*.parquet')
where _submission_id in (from {pin})
group by region_code, period, exam_id;

create table dim_exam_subject as
select
    md5(exam_id || '|' || period) as exam_key, exam_id, region_code, period as school_year, grade, subject,
    case when grade between 1 and 6 then 'primary' when grade between 7 and 9 then 'junior' else 'senior' end as stage,
    full_mark, excellent_cut, good_cut, pass_cut, low_cut, coalesce(denominator_rule, 'scored') as denominator_rule,
    case when denominator_rule in ('registered', 'roll') then 'counts_against' else 'left_out' end as absent_rule,
    _submission_id as submission_id
from read_parquet('{raw}/exam_parameters/*.parquet')
where _submission_id in (from {pin});

-- By name: the engine then knows the rows of every file before it chooses which side of a join to build.
create temp view scores as
select * from read_parquet('{raw}/exam_scores/**/*.parquet', union_by_name = true, hive_partitioning = false)
where _submission_id in (from {pin});

create temp table classes as
select
    s.region_code, s.period as school_year, s.exam_id, s.grade, s.subject, s.school_code,
    coalesce(s.class_name, '_none') as class_name,
    count(*) as n_listed,
    count(*) filter (where score_status <> 'blank') as n_marked,
    count(*) filter (where score_status in ('scored', 'misconduct')) as n_present,
    count(score) filter (where score_status = 'scored') as n_scored,
    count(*) filter (where score_status = 'absent') as n_absent,
    count(*) filter (where score_status = 'deferred') as n_deferred,
    count(*) filter (where score_status = 'exempt') as n_exempt,
    coalesce(sum(score) filter (where score_status = 'scored'), 0) as score_sum,
    coalesce(sum(score * score) filter (where score_status = 'scored'), 0) as score_sumsq,
    if(any_value(p.excellent_cut) is null, null, count(*) filter (where score_status = 'scored' and score >= p.excellent_cut))
        as n_excellent,
    if(any_value(p.good_cut) is null, null, count(*) filter (where score_status = 'scored' and score >= p.good_cut)) as n_good,
    if(any_value(p.pass_cut) is null, null, count(*) filter (where score_status = 'scored' and score >= p.pass_cut)) as n_pass,
    if(any_value(p.low_cut) is null, null, count(*) filter (where score_status = 'scored' and score < p.low_cut)) as n_low,
    min(score) filter (where score_status = 'scored') as min_score,
    max(score) filter (where score_status = 'scored') as max_score
from scores as s
left join dim_exam_subject as p
    on s.exam_id = p.exam_id and s.period = p.school_year and s.grade = p.grade and s.subject = p.subject
group by all;

create temp table summed as
with a as (
    select
        region_code, school_year, exam_id, grade, subject, school_code,
        sum(n_listed) as n_listed, sum(n_marked) as n_marked, sum(n_present) as n_present, sum(n_scored) as n_scored,
        sum(n_absent) as n_absent, sum(n_deferred) as n_deferred, sum(n_exempt) as n_exempt,
        sum(score_sum) as score_sum, sum(score_sumsq) as score_sumsq, sum(n_excellent) as n_excellent,
        sum(n_good) as n_good, sum(n_pass) as n_pass, sum(n_low) as n_low, min(min_score) as min_score,
        max(max_score) as max_score
    from classes group by all
), b as (
    select *, max(n_listed) over (partition by region_code, school_year, exam_id, grade, school_code) as n_longest from a
), registered as (
    select region_code, period as school_year, exam_id, grade, school_code, count(distinct student_key) as n
    from read_parquet('{raw}/exam_registration/*.parquet') where _submission_id in (from {pin}) group by all
), enrolled as (
    select region_code, period as school_year, grade, school_code, count(distinct student_key) as n
    from read_parquet('{raw}/pupil_roster/*.parquet', union_by_name = true) where _submission_id in (from {pin}) group by all
), c as (
    select b.*, greatest(coalesce(r.n, 0) - n_longest, 0) as n_unlisted, coalesce(e.n, 0) as n_pupils
    from b left join registered as r using (region_code, school_year, exam_id, grade, school_code)
    left join enrolled as e using (region_code, school_year, grade, school_code)
)
select
    *, n_marked + n_unlisted as n_registered, greatest(n_longest + n_unlisted, n_pupils) as n_roll
from c;

create table fct_exam_group_stat as
with g as (
    select
        region_code, school_year, exam_id, grade, subject,
        case
            when grouping(school_code) = 0 then 'school' when grouping(area) = 0 then 'urban_rural' else 'county'
        end as group_type,
        case when grouping(school_code) = 0 then school_code when grouping(area) = 0 then area else region_code end
            as group_code,
        count(*) as n_schools, sum(n_roll) as n_roll, sum(n_longest) as n_listed, sum(n_registered) as n_registered,
        sum(n_present) as n_present, sum(n_scored) as n_scored, sum(n_absent) as n_absent,
        sum(n_deferred) as n_deferred, sum(n_exempt) as n_exempt, sum(n_unlisted) as n_unlisted,
        sum(score_sum) as score_sum, sum(score_sumsq) as score_sumsq, sum(n_excellent) as n_excellent,
        sum(n_good) as n_good, sum(n_pass) as n_pass, sum(n_low) as n_low, min(min_score) as min_score,
        max(max_score) as max_score
    from (
        select s.*, if(k.is_urban, 'urban', if(not k.is_urban, 'rural', 'unknown')) as area
        from summed as s left join schools as k using (school_code, school_year)
    )
    group by grouping sets (
        (region_code, school_year, exam_id, grade, subject, school_code),
        (region_code, school_year, exam_id, grade, subject, area),
        (region_code, school_year, exam_id, grade, subject)
    )
)
select
    g.region_code, g.school_year, g.exam_id, g.grade, g.subject, p.stage, g.group_type, g.group_code, g.n_schools,
    g.n_roll, g.n_listed, g.n_registered, g.n_present, g.n_scored, g.n_absent, g.n_deferred, g.n_exempt, g.n_unlisted,
    case p.denominator_rule
        when 'present' then n_present when 'registered' then n_registered - n_exempt when 'roll' then n_roll - n_exempt
        else n_scored
    end as n_denominator,
    coalesce(p.denominator_rule, 'scored') as denominator_rule, g.score_sum, g.score_sumsq, g.n_excellent, g.n_good,
    g.n_pass, g.n_low, g.min_score, g.max_score
from g left join dim_exam_subject as p using (exam_id, school_year, grade, subject);

create table int_exam_subject__dispersed as
with k as (
    select
        region_code, school_year, stage, exam_id, grade, subject,
        count(*) filter (where n_scored > 0) as n_schools, sum(n_scored) as n, count(*) filter (where n_scored = 0) as n_missing,
        cast(sum(n_scored * n_scored) as double) as n_squared, cast(sum(score_sum) as double) as total,
        cast(sum(score_sumsq) as double) as total_sq,
        cast(sum(cast(cast(score_sum as double) * cast(score_sum as double) / nullif(n_scored, 0) as decimal(38, 10))) as double)
            as school_sq
    from fct_exam_group_stat where group_type = 'school' group by all
), m as (
    select
        *, total / nullif(n, 0) as mean_value, if(n > 0, sqrt(greatest(total_sq / n - (total / n) * (total / n), 0)), null) as sd_value,
        (school_sq - total * total / nullif(n, 0)) / nullif(n_schools - 1, 0) as between_schools,
        (total_sq - school_sq) / nullif(n - n_schools, 0) as within_schools,
        (n - n_squared / nullif(n, 0)) / nullif(n_schools - 1, 0) as n0
    from k
)
select
    region_code, school_year, stage, exam_id, grade, subject, n_schools, n as weight_sum, mean_value, sd_value,
    (between_schools - within_schools) / nullif(between_schools + (n0 - 1) * within_schools, 0) as icc_value, n_missing,
    case
        when n_schools = 0 then 'missing_values' when n_schools = 1 then 'single_school'
        when within_schools is null or between_schools + (n0 - 1) * within_schools = 0 then 'undefined' else 'ok'
    end as status
from m;

create table fct_exam_composite as
with s as (
    select
        g.*, score_sum / nullif(cast(n_scored as double), 0) as mean_score,
        100.0 * cast(n_pass as double) / nullif(n_denominator, 0) as pass_rate,
        100.0 * cast(n_excellent as double) / nullif(n_denominator, 0) as excellent_rate, weight_mean, weight_pass,
        weight_excellent, n_scored >= min_pupils as is_judged
    from fct_exam_group_stat as g inner join parameters using (school_year) where group_type = 'school'
), b as (
    select
        *, max(mean_score) filter (where is_judged) over paper as best_mean_score,
        max(pass_rate) filter (where is_judged) over paper as best_pass_rate,
        max(excellent_rate) filter (where is_judged) over paper as best_excellent_rate
    from s window paper as (partition by region_code, school_year, exam_id, grade, subject)
), p as (
    select
        *, cast(weight_mean * mean_score / nullif(best_mean_score, 0) + weight_pass * pass_rate / nullif(best_pass_rate, 0)
            + weight_excellent * excellent_rate / nullif(best_excellent_rate, 0) as double) as points
    from b
)
select
    p.region_code, p.school_year, exam_id, stage, grade, subject, school_key, group_code as school_code, n_scored,
    n_denominator, mean_score, pass_rate, excellent_rate, best_mean_score, best_pass_rate, best_excellent_rate,
    cast(weight_mean as double) as weight_mean, cast(weight_pass as double) as weight_pass,
    cast(weight_excellent as double) as weight_excellent, if(is_judged, points, null) as composite_value,
    case
        when not is_judged then 'few_pupils' when pass_rate is null or excellent_rate is null then 'no_cut'
        when points is null then 'undefined' else 'ok'
    end as status
from p left join schools as k on p.group_code = k.school_code and p.school_year = k.school_year;
