{{ config(meta={'zone': 'restricted'}) }}
{# What the city and the examination authority publish: other counties, composites, ranks, lines. #}
with {# The zhongkao of a calendar year closes the school year that began the year before. #}
composites as (
    select
        c.*, cast(c.calendar_year - 1 as varchar) || '-' || cast(c.calendar_year as varchar) as school_year,
        c.composite_mean * c.candidate_count as composite_sum, 'junior' as stage
    from {{ ref('stg_zhongkao_composite__school') }} as c
),

rankings as (
    select
        r.*, cast(r.calendar_year - 1 as varchar) || '-' || cast(r.calendar_year as varchar) as school_year,
        '前' || cast(cast(p.rank_band_positions as integer) as varchar) || '名' as rank_band, 'junior' as stage,
        p.rank_band_positions
    from {{ ref('stg_city_rankings__ranking') }} as r
    inner join {{ ref('int_condition_parameter') }} as p
        on p.school_year = cast(r.calendar_year - 1 as varchar) || '-' || cast(r.calendar_year as varchar)
),

peers as (
    select r.*, y.period_id as school_year, coalesce(r.scored_count, 1) as weight
    from {{ ref('stg_peer_exam_results__result') }} as r
    inner join {{ ref('period_calendar') }} as y
        on
            y.period_type = 'school_year'
            and coalesce(r.exam_date, {{ make_date('r.calendar_year', 6, 15) }})
            between cast(y.starts_on as date) and cast(y.ends_on as date)
),

competitions as (
    select r.*, y.period_id as school_year
    from {{ ref('stg_teacher_competitions__result') }} as r
    inner join {{ ref('period_calendar') }} as y
        on
            y.period_type = 'school_year'
            and coalesce(r.held_on, {{ make_date('r.calendar_year', 6, 15) }})
            between cast(y.starts_on as date) and cast(y.ends_on as date)
),

candidates as (
    select
        region_code, calendar_year, school_code, line, count(*) as reached_count,
        max(submission_id) as submission_id, max(sheet_name) as sheet_name, min(row_number) as row_number
    from (
        select *, '一本(特控线)' as line from {{ ref('stg_gaokao_results__candidate') }}
        where reached_first_line = '是'
        union all
        select *, '本科线' as line from {{ ref('stg_gaokao_results__candidate') }}
        where reached_undergraduate_line = '是'
    ) as reached
    group by region_code, calendar_year, school_code, line
),

facts as (
    {{ measure_rows('candidates', {'gaokao_student_count': ['src.reached_count', 'student_key']},
        'calendar_year', 'src.calendar_year', 'school', stage="'senior'", kind='src.line') }}
    union all
    {{ measure_rows(ref('stg_peer_gaokao__line'), {
        'peer_gaokao_student_count': ['src.reached_count', 'reached_count']
    }, 'calendar_year', 'src.calendar_year', 'county', 'null', "'senior'", detail='src.peer_region_code',
        kind='src.line') }}
    union all
    {{ measure_rows('peers', {
        'peer_score_sum': ['src.mean_score * src.weight', 'mean_score'],
        'peer_scored_count': ['src.weight', 'scored_count'],
    }, 'school_year', 'src.school_year', 'county', 'null', detail='src.peer_region_code', kind='src.exam_type',
        kind2='src.grade', subject='src.subject') }}
    union all
    {{ measure_rows('composites', {
        'zk_composite_sum': ['src.composite_sum', 'composite_mean'],
        'zk_candidate_count': ['src.candidate_count', 'candidate_count'],
    }, 'school_year', 'src.school_year') }}
    union all
    {{ measure_rows('rankings', {
        'ranked_school_count': ['case when src.city_rank <= src.rank_band_positions then 1 else 0 end', 'city_rank']
    }, 'school_year', 'src.school_year', kind='src.rank_list', kind2='src.rank_band') }}
    union all
    {{ measure_rows(ref('stg_school_assessment__school'), {'assessment_score': ['src.score', 'score']},
        'calendar_year', 'src.calendar_year', 'school', detail='src.school_code',
        kind="coalesce(src.peer_group, '_all')") }}
    union all
    {{ measure_rows('competitions', {'competition_city_rank': ['src.city_rank', 'city_rank']},
        'school_year', 'src.school_year', 'county', 'null', 'null', detail='src.competition') }}
)

{{ located_rows('facts') }}
