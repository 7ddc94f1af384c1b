-- The rest of the hand-written script: pupils of two exams, and warnings.
create temp table pairs as
with e as (select s.*, exam_level, exam_type, exam_date from dim_exam_subject as s inner join dim_exam using (exam_id, school_year))
select
    x.region_code, x.subject, x.grade, x.stage, n.exam_id as entry_exam_id, x.exam_id as exit_exam_id,
    n.school_year as entry_year, x.school_year as exit_year
from e as x inner join e as n
    on x.region_code = n.region_code and x.subject = n.subject and x.grade = n.grade + 1
    and cast(n.school_year[:4] as integer) + 1 = cast(x.school_year[:4] as integer)
qualify row_number() over (
    partition by x.region_code, x.exam_id, x.school_year, x.grade, x.subject
    order by n.exam_level <> x.exam_level, n.exam_type <> x.exam_type, n.exam_date desc nulls last, n.exam_id
) = 1;

-- Papers that stand in a pair, by number: texts are compared once a paper and not once a pupil.
create temp table papers as
select *, row_number() over () as paper from (
    select region_code, exit_exam_id as exam_id, exit_year as school_year, grade, subject from pairs
    union
    select region_code, entry_exam_id, entry_year, grade - 1, subject from pairs
);

create temp table sat as
select p.paper, s.student_key, min(s.school_code) as school_code, min(s.score) as score, count(*) as n
from scores as s
inner join papers as p
    on s.region_code = p.region_code and s.exam_id = p.exam_id and s.period = p.school_year and s.grade = p.grade
    and s.subject = p.subject
where s.score_status = 'scored' and s.score is not null
group by p.paper, s.student_key;

-- The place of a score is among all marks of the paper, those of a pupil that stands there twice too.
create temp table placed as
with counted as (
    select p.paper, s.score, count(*) as n
    from scores as s
    inner join papers as p
        on s.region_code = p.region_code and s.exam_id = p.exam_id and s.period = p.school_year and s.grade = p.grade
        and s.subject = p.subject
    where s.score_status = 'scored' and s.score is not null
    group by p.paper, s.score
)
select
    paper, score,
    100.0 * (cast(sum(n) over (partition by paper order by score rows unbounded preceding) as double) - n / 2.0::double)
    / cast(sum(n) over (partition by paper) as double) as percentile
from counted;

create temp table matched as
with at_place as (
    select s.paper, s.student_key, s.school_code, s.score, p.percentile
    from sat as s inner join placed as p using (paper, score) where s.n = 1
), q as (
    select q.*, x.paper as exit_paper, n.paper as entry_paper
    from pairs as q
    inner join papers as x
        on q.region_code = x.region_code and q.exit_exam_id = x.exam_id and q.exit_year = x.school_year
        and q.grade = x.grade and q.subject = x.subject
    inner join papers as n
        on q.region_code = n.region_code and q.entry_exam_id = n.exam_id and q.entry_year = n.school_year
        and n.grade = q.grade - 1 and q.subject = n.subject
), summed as (
    select
        q.exit_paper, q.entry_paper, x.school_code, count(*) as matched_n, sum(n.score) as entry_sum, sum(x.score) as exit_sum,
        sum(n.score * n.score) as entry_sumsq, sum(x.score * x.score) as exit_sumsq, sum(n.score * x.score) as cross_sum,
        cast(sum(cast(n.percentile as decimal(38, 10))) as double) as entry_place,
        cast(sum(cast(x.percentile as decimal(38, 10))) as double) as exit_place
    from q
    inner join at_place as x on q.exit_paper = x.paper
    inner join at_place as n on q.entry_paper = n.paper and x.student_key = n.student_key
    group by all
)
select q.* exclude (exit_paper, entry_paper), s.* exclude (exit_paper, entry_paper)
from summed as s inner join q using (exit_paper, entry_paper);

create temp table lines as
with z as (
    select
        region_code, school_year, exam_id, grade, subject, n_scored, score_sum / cast(n_scored as double) as mean,
        sqrt(greatest(score_sumsq / cast(n_scored as double)
            - (score_sum / cast(n_scored as double)) * (score_sum / cast(n_scored as double)), 0)) as sd
    from fct_exam_group_stat where group_type = 'county' and n_scored > 0
), m as (
    select
        region_code, subject, grade, entry_exam_id, exit_exam_id, entry_year, exit_year, sum(matched_n) as n,
        cast(sum(entry_sum) as double) as sx, cast(sum(exit_sum) as double) as sy,
        cast(sum(entry_sumsq) as double) as sxx, cast(sum(cross_sum) as double) as sxy
    from matched group by all
), f as (
    select
        m.*, e.mean as entry_mean, e.sd as entry_sd, x.mean as exit_mean, x.sd as exit_sd, x.n_scored as exit_total,
        (n * sxy - sx * sy) / nullif(n * sxx - sx * sx, 0) * e.sd / nullif(x.sd, 0) as slope
    from m
    inner join z as e
        on m.region_code = e.region_code and m.entry_exam_id = e.exam_id and m.entry_year = e.school_year
        and e.grade = m.grade - 1 and m.subject = e.subject
    inner join z as x
        on m.region_code = x.region_code and m.exit_exam_id = x.exam_id and m.exit_year = x.school_year
        and x.grade = m.grade and m.subject = x.subject
)
select
    *, (sy / n - exit_mean) / nullif(exit_sd, 0) - slope * (sx / n - entry_mean) / nullif(entry_sd, 0) as intercept
from f;

create table fct_value_added as
with g as (
    select
        region_code, entry_exam_id, exit_exam_id, entry_year, exit_year, subject, grade, stage,
        if(grouping(school_code) = 0, 'school', 'county') as group_type,
        if(grouping(school_code) = 0, school_code, region_code) as group_code, sum(matched_n) as k,
        cast(sum(entry_sum) as double) / k as mx, cast(sum(exit_sum) as double) / k as my,
        cast(sum(entry_sumsq) as double) / k as mxx, cast(sum(exit_sumsq) as double) / k as myy,
        cast(sum(cross_sum) as double) / k as mxy,
        cast(sum(cast(exit_place - entry_place as decimal(38, 10))) as double) / k as progress
    from matched
    group by grouping sets (
        (region_code, entry_exam_id, exit_exam_id, entry_year, exit_year, subject, grade, stage, school_code),
        (region_code, entry_exam_id, exit_exam_id, entry_year, exit_year, subject, grade, stage)
    )
), r as (
    select
        g.*, l.n as matched_total, l.exit_total, l.slope, l.intercept, s.n_scored as exit_n,
        (my - exit_mean) / nullif(exit_sd, 0) - intercept - slope * (mx - entry_mean) / nullif(entry_sd, 0) as residual,
        10 * ((my - exit_mean) / nullif(exit_sd, 0) - (mx - entry_mean) / nullif(entry_sd, 0)) as growth,
        if(entry_sd > 0 and exit_sd > 0, greatest(
            (myy - my * my) / (exit_sd * exit_sd) + slope * slope * (mxx - mx * mx) / (entry_sd * entry_sd)
            - 2 * slope * (mxy - mx * my) / (entry_sd * exit_sd), 0) * k, null) as squares,
        k * 1.0 / nullif(s.n_scored, 0) as match_rate, l.n * 1.0 / nullif(l.exit_total, 0) as county_rate
    from g
    inner join lines as l using (region_code, subject, grade, entry_exam_id, exit_exam_id, entry_year, exit_year)
    inner join fct_exam_group_stat as s
        on g.region_code = s.region_code and g.exit_exam_id = s.exam_id and g.exit_year = s.school_year
        and g.grade = s.grade and g.subject = s.subject and g.group_type = s.group_type and g.group_code = s.group_code
)
select
    region_code, entry_exam_id, exit_exam_id, entry_year, exit_year, subject, grade, stage, group_type, group_code,
    k as matched_n, exit_n, matched_total, exit_total, cast(match_rate as double) as match_rate, slope, intercept,
    residual as mean_residual, sqrt(squares / nullif(k - 1, 0) / k) as se, growth as standard_score_growth,
    progress as percentile_progress, residual * k / (k + cast(shrinkage_k as double)) as shrunk_value,
    case
        when county_rate < match_rate_min or match_rate < match_rate_min then 'match_rate_low'
        when k < min_matched then 'few_pupils' else 'none'
    end as flag
from r left join parameters as p on r.exit_year = p.school_year;
