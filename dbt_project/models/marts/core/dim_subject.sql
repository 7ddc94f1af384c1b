-- Subjects of the list, and those that came with an exam and are not on it.
with found as (
    select subject
    from {{ ref('stg_exam_parameters__exam_subject') }}
    group by subject
)

select
    coalesce(known.subject, found.subject) as subject,
    known.subject_en,
    coalesce(known.subject_group, 'other') as subject_group,
    coalesce(known.is_pe_art, false) as is_pe_art,
    coalesce(known.sort_order, 999) as sort_order,
    known.subject is not null as is_listed
from {{ ref('subject') }} as known
full outer join found on known.subject = found.subject
