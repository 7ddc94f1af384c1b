{{ config(materialized='view', meta={'zone': 'restricted'}) }}
{# Stages of every scope; what names no stage ('_any') counts in each. #}
select stage_scope, stage
from {{ ref('stage_scope') }}
union
select stage_scope, '_any' as stage
from {{ ref('stage_scope') }}
