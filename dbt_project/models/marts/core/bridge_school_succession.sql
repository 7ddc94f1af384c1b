-- Which school a change of schools ended, and where its pupils went. A change holds from the first statistics date that
-- is not before its day.
select
    {{ surrogate_key(['src.region_code', 'src.event_no', 'src.predecessor_code', 'src.successor_code']) }}
        as succession_key,
    src.region_code,
    src.event_no,
    src.event_type,
    src.effective_on,
    years.school_year,
    src.predecessor_code,
    src.predecessor_name,
    src.successor_code,
    src.successor_name,
    coalesce(src.share, 1) as share,
    src.document_no,
    src.submission_id
from {{ ref('stg_school_succession__pair') }} as src
left join {{ ref('dim_school_year') }} as years
    on
        src.effective_on <= years.statistics_date
        and src.effective_on > {{ make_date('years.start_year - 1', 9, 1) }}
