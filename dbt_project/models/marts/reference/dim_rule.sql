select
    r.rule_id,
    r.document_code,
    r.name_zh,
    r.name_en,
    r.rule_type,
    r.inputs,
    r.indicator_codes,
    r.grain,
    r.window as window_text,
    r.condition,
    r.consequence,
    r.evidence,
    f.zone
from {{ ref('monitoring_rules') }} as r
inner join {{ ref('rule_form') }} as f on r.rule_id = f.rule_id
