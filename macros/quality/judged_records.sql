{# What the standing of each record is told from (standings.sql). #}

{# One row for each row of the compare models, with what the standing is told from; `is_written_on`: the
   flow writes what it created again when it changes. #}
{% macro compared_records() -%}
    {%- for name in write_targets() %}
    {%- set writes = node_named('changes_' ~ name).config.meta.writes if execute else {} %}
    select
        flow,
        target,
        {{ json_text('key_values', 'dataAreaId') if 'dataAreaId' in (writes.key or []) else 'cast(null as varchar)' }}
            as data_area_id,
        source_key,
        record_key,
        key_values,
        fate,
        detail,
        is_there,
        is_gone,
        differing_columns,
        {{ 'true' if 'update' in (writes.operations or []) else 'false' }} as is_written_on
    from {{ ref('compare_' ~ name) }}
    {{ 'union all' if not loop.last }}
    {%- endfor %}
{%- endmacro %}

{# What services refused last: the newest try of each record that is still to be written. #}
{% macro refused_writes() -%}
    select flow, system || '.' || entity_set as target, record_key
    from {{ source('ledger', 'writes') }}
    where status <> 'planned'
    group by flow, system, entity_set, record_key
    having max(case when status in ('rejected', 'failed', 'quarantined') then coalesce(finished_at, sent_at) end)
        = max(coalesce(finished_at, sent_at))
{%- endmacro %}

{# Each source record and target, with its company, and what others know of it. `is_anothers`: several source
   records have one key, and the target's record is counted with another, the first that is in scope. #}
{% macro judged_records() -%}
with compared as (
    {{ compared_records() }}
),

-- Several source records may have one key; the target's record is counted with the first in scope.
places as (
    select
        target,
        key_values,
        min(source_key) as first_key,
        min(case when fate <> 'filtered' then source_key end) as first_in_scope
    from compared
    where is_there
    group by target, key_values
    having count(*) > 1
),

-- Orders and invoices of F&O have their company in the source key; each company has customers.
companies as (
    select data_area_id from {{ ref('stg_seeds__legal_entities') }}
    union
    select data_area_id from {{ ref('stg_finops__customers') }}
),

refused as (
    {{ refused_writes() }}
),

not_persisted as (
    select distinct flow, target, record_key from {{ ref('not_persisted_values') }}
)

select
    compared.*,
    coalesce(compared.data_area_id, companies.data_area_id) as company,
    refused.record_key is not null as is_refused,
    not_persisted.record_key is not null as is_not_persisted,
    coalesce(places.first_in_scope, places.first_key, compared.source_key) <> compared.source_key
        as is_anothers
from compared
left join places on compared.target = places.target and compared.key_values = places.key_values
left join companies on split_part(compared.source_key, '/', 1) = companies.data_area_id
left join refused
    on compared.flow = refused.flow and compared.target = refused.target
    and compared.record_key = refused.record_key
left join not_persisted
    on compared.flow = not_persisted.flow and compared.target = not_persisted.target
    and compared.record_key = not_persisted.record_key
{%- endmacro %}
