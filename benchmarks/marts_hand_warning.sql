-- Warnings: a measure is a struct of its part and its whole, so that members are read once for all of them.
create table fct_early_warning as
with members as (
    select
        region_code, school_year, exam_id, grade, subject, 'school' as group_type, group_code as school_code,
        '_all' as class_name, n_scored, n_denominator, n_registered - n_unlisted - n_exempt as n_due, n_absent, n_pass,
        n_low, score_sum, score_sumsq
    from fct_exam_group_stat where group_type = 'school'
    union all
    select
        c.region_code, c.school_year, c.exam_id, c.grade, c.subject, 'class', c.school_code, c.class_name, c.n_scored,
        case p.denominator_rule
            when 'present' then c.n_present when 'registered' then c.n_marked - c.n_exempt
            when 'roll' then c.n_listed - c.n_exempt else c.n_scored
        end, c.n_marked - c.n_exempt, c.n_absent, c.n_pass, c.n_low, c.score_sum, c.score_sumsq
    from classes as c left join dim_exam_subject as p using (exam_id, school_year, grade, subject)
), papers as (
    select
        region_code, school_year, exam_id, grade, subject, group_type,
        count(distinct if(n_scored > 0, school_code, null)) as n_schools, cast(sum(n_scored) as double) as n,
        cast(sum(n_denominator) as double) as d, cast(sum(n_due) as double) as due, cast(sum(n_absent) as double) as absent,
        cast(sum(n_pass) as double) as pass, cast(sum(n_low) as double) as low,
        cast(sum(score_sum) as double) / nullif(n, 0) as mean, cast(sum(score_sumsq) as double) / nullif(n, 0) as mean_square
    from members group by all
), measured as (
    select
        m.region_code, m.school_year, m.exam_id, m.grade, m.subject, m.group_type, m.school_code, m.class_name, n_schools,
        unnest([
            {'measure': 'standing', 'sign': -1, 'pupils': n_scored, 'value': cast(score_sum as double) / nullif(n_scored, 0),
             'region': mean, 'unit': nullif(sqrt(greatest(mean_square - mean * mean, 0)), 0)},
            {'measure': 'pass_rate', 'sign': -1, 'pupils': n_denominator,
             'value': 100.0 * cast(n_pass as double) / nullif(n_denominator, 0), 'region': 100.0 * pass / nullif(d, 0), 'unit': 1.0},
            {'measure': 'low_rate', 'sign': 1, 'pupils': n_denominator,
             'value': 100.0 * cast(n_low as double) / nullif(n_denominator, 0), 'region': 100.0 * low / nullif(d, 0), 'unit': 1.0},
            {'measure': 'absence_rate', 'sign': 1, 'pupils': n_due,
             'value': 100.0 * cast(n_absent as double) / nullif(n_due, 0), 'region': 100.0 * absent / nullif(due, 0), 'unit': 1.0}
        ], recursive := true)
    from members as m inner join papers as p using (region_code, school_year, exam_id, grade, subject, group_type)
    where class_name <> '_none'
), dated as (
    select
        m.*, (value - region) / unit as standing, x.exam_date, x.term_code, fall_step, n_schools >= min_schools as comparable
    from measured as m inner join dim_exam as x using (exam_id, school_year) inner join parameters using (school_year)
), chained as (
    select
        *,
        dense_rank() over (
            partition by region_code, school_year, grade, subject, group_type, comparable order by exam_date, exam_id
        ) as exam_no,
        lag({'id': exam_id, 'on': exam_date, 'term': term_code, 'n': pupils, 'v': value, 'r': region, 's': standing}) over own as p
    from dated
    window own as (
        partition by region_code, school_year, grade, subject, group_type, school_code, class_name, measure, comparable
        order by exam_date, exam_id
    )
), stepped as (
    select
        *, coalesce(cast(sign * (cast(standing as decimal(24, 9)) - cast(p.s as decimal(24, 9))) >= fall_step as integer), 0)
            as is_fall
    from chained
), runs as (
    select *, sum(1 - is_fall) over (
        partition by region_code, school_year, grade, subject, group_type, school_code, class_name, measure, comparable
        order by exam_date, exam_id rows unbounded preceding
    ) as run_no
    from stepped
), compared as (
    select *, cast(sum(is_fall) over (
        partition by
            region_code, school_year, grade, subject, group_type, school_code, class_name, measure, comparable, run_no
        order by exam_date, exam_id rows unbounded preceding
    ) as integer) as fall_streak
    from runs qualify exam_no > 1 or not comparable
), ruled as (
    select
        c.*, r.reason_code, r.reason_zh, r.region_code as rule_region_code, cast(r.notice_at as double) as notice_at,
        cast(r.warning_at as double) as warning_at, cast(r.min_pupils as integer) as min_pupils,
        if(r.form = 'streak', cast(fall_streak as decimal(24, 9)), cast(sign * (standing - p.s) as decimal(24, 9))) as judged
    from compared as c
    inner join read_csv('{seeds}/core/early_warning_rule.csv', types = {'valid_from': 'date', 'valid_to': 'date'}) as r
        on c.measure = r.measure and c.group_type = r.group_type and r.region_code in (c.region_code, '_all')
        and c.exam_date between r.valid_from and coalesce(r.valid_to, date '9999-12-31')
    qualify row_number() over (
        partition by c.region_code, exam_id, school_year, grade, subject, c.group_type, school_code, class_name, reason_code
        order by if(r.region_code = c.region_code, 0, 1), r.valid_from desc nulls last
    ) = 1
), decided as (
    select *, case
        when not comparable then 'few_schools' when p.id is null then 'no_previous_exam'
        when pupils < min_pupils or p.n < min_pupils then 'group_too_small'
        when standing is null or p.s is null then 'no_value'
    end as undecided_code
    from ruled
)
select
    d.region_code, d.school_year, d.term_code, d.exam_id, d.exam_date, d.p.id as previous_exam_id, d.p.on as previous_exam_date,
    coalesce(d.term_code = d.p.term, false) as is_same_term,
    case when d.grade between 1 and 6 then 'primary' when d.grade between 7 and 9 then 'junior' else 'senior' end as stage,
    d.grade, d.subject, d.group_type, k.school_key, d.school_code,
    if(d.group_type = 'class', md5(d.school_code || '|' || d.school_year || '|' || d.grade || '|' || d.class_name), null) as class_key,
    d.class_name, d.reason_code, d.reason_zh, d.measure, d.pupils as pupil_count, d.p.n as previous_pupil_count, d.value,
    d.region as region_value, d.standing, d.p.v as previous_value, d.p.r as previous_region_value,
    d.p.s as previous_standing, d.standing - d.p.s as standing_change, d.fall_streak, cast(d.judged as double) as judged_value,
    d.notice_at, d.warning_at, d.min_pupils, d.rule_region_code,
    case
        when undecided_code is not null then 'undecided' when judged >= warning_at then 'warning'
        when judged >= notice_at then 'notice' else 'none'
    end as warning_level, undecided_code
from decided as d left join schools as k using (school_code, school_year);
