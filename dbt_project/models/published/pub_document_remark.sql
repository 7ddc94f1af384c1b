{# Where a plan's own figures do not agree. A remark on the text, not a fault of the region's data. #}
select
    d.region_code,
    d.school_year,
    c.check_id,
    c.document_code,
    d.document_name,
    c.check_kind,
    c.description,
    c.remark_zh,
    c.left_value,
    c.operator,
    c.right_value,
    c.difference,
    c.outcome,
    'A' as obs_status
from {{ ref('fct_arithmetic_check') }} as c
inner join {{ ref('int_edition_document') }} as d on c.document_code = d.document_code
where c.outcome not in ('holds', 'not_evaluated')
