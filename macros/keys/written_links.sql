{# Pairs of keys that a flow of ours made: the record it created, for which source record. They hold
   even when the natural key changes later. #}
{% macro written_links(system, flow, entity_set=none) -%}
    select
        source_key,
        max(record_key) as record_key,
        max(record_id) as record_id
    from {{ source('ledger', 'writes') }}
    where
        system = '{{ system }}'
        and flow = '{{ flow }}'
        {%- if entity_set %}
        and entity_set = '{{ entity_set }}'
        {%- endif %}
        and operation = 'create'
        and status in ('acknowledged', 'verified')
    group by source_key
{%- endmacro %}
