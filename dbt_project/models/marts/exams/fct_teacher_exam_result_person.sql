-- What the classes of a teacher reached in a test, and where that stands among the county's teachers of the subject.
with placed as (
    select
        tests.*,
        {{ teacher_places('_rank') }}
    from {{ ref('int_teacher_test') }} as tests
)

select
    {{ surrogate_key([
        'placed.teacher_key', 'placed.exam_id', 'placed.school_year', 'placed.grade', 'placed.subject',
    ]) }} as teacher_exam_key,
    placed.region_code,
    placed.school_year,
    schools.school_key,
    placed.school_code,
    placed.stage,
    placed.teacher_key,
    placed.exam_id,
    placed.exam_date,
    placed.grade,
    placed.subject,
    placed.n_classes,
    placed.n_scored,
    placed.score_sum,
    placed.n_excellent,
    placed.n_pass,
    placed.n_low,
    placed.mean_score,
    placed.excellent_rate / 100 as excellent_rate,
    placed.pass_rate / 100 as pass_rate,
    placed.low_rate / 100 as low_rate,
    cast(placed.group_size as integer) as group_size,
    cast(placed.mean_score_rank as integer) as mean_score_rank,
    cast(placed.excellent_rate_rank as integer) as excellent_rate_rank,
    cast(placed.pass_rate_rank as integer) as pass_rate_rank,
    cast(placed.low_rate_rank as integer) as low_rate_rank,
    case when placed.has_parallel then placed.parallel_mean end as parallel_mean,
    case when placed.has_parallel then placed.mean_score < placed.parallel_mean end as is_below_parallel,
    placed.submission_id
from placed
left join {{ ref('dim_school') }} as schools
    on placed.school_code = schools.school_code and placed.school_year = schools.school_year
