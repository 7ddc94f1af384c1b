{{ config(meta={'zone': 'restricted'}) }}
{% set kinds = ['ratio', 'total', 'dispersion', 'extreme', 'change', 'gap', 'cycle', 'streak',
    'attested', 'rank', 'peer_gap', 'teacher'] %}
{# Every indicator that rests on measures alone; composites and shares of entities rest on these. #}
{% for kind in kinds %}
    select
        indicator_code, region_code, entity_type, entity_id, period_type, period_id, stage, urban_rural,
        grade, subject, exam_id, group_code,
        numerator, denominator, value, status
    from {{ ref('int_indicator__' ~ kind) }}
    {% if not loop.last %}union all{% endif %}
{% endfor %}
