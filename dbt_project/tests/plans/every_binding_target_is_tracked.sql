-- Each target of a document that binds an edition is judged once; returns those that are not.
select
    d.region_code,
    d.school_year,
    t.target_id
from {{ ref('int_edition_document') }} as d
inner join {{ ref('dim_target') }} as t on d.document_code = t.document_code
left join {{ ref('fct_target_tracking') }} as f
    on d.region_code = f.region_code and d.school_year = f.school_year and t.target_id = f.target_id
where f.target_id is null
